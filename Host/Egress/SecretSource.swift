internal import CSystem
internal import Contracts
internal import Foundations
internal import Glibc

/// Finds the value of a secret at the moment in which it is needed, and nowhere else.
struct SecretSource {
    let rules: EgressRules

    private static let maximum = 16 * 1024
    /// Shorter ones could not be told from ordinary text, and so not be taken out of an answer.
    private static let minimum = 8

    /// The value of `secret:NAME`, if policy lets it go to that origin.
    ///
    /// - Throws: `egress.secret`; the message holds the secret's name and where it was looked for, never its value.
    func value(_ name: String, for origin: Origin) throws(SluiceError) -> LockedBytes {
        guard let rule = rules.secrets[name] else {
            throw Self.failure(name, "the Policy Manifest has no egress.secrets entry of that name")
        }
        guard rule.origins.contains(origin) else {
            throw Self.failure(name, "the Policy Manifest does not let it go to \(origin)")
        }
        guard let value = LockedBytes(capacity: Self.maximum) else {
            throw Self.failure(name, "there is no locked memory for it; raise the limit (`ulimit -l`)")
        }
        let mark = rule.reference.firstIndex(of: ":") ?? rule.reference.startIndex
        let place = String(rule.reference[rule.reference.index(after: mark)...])
        switch rule.reference[..<mark] {
        case "env": try Self.read(environment: place, into: value, name)
        case "file": try Self.read(file: place, into: value, name)
        case "store":
            throw Self.failure(
                name,
                "store:\(place) needs a secrets store, which this version does not have; use env:NAME or file:PATH")
        default: throw Self.failure(name, "its secret_ref is neither env:NAME nor file:PATH nor store:NAME")
        }
        guard value.count >= Self.minimum else {
            throw Self.failure(name, "\(rule.reference) holds fewer than \(Self.minimum) bytes")
        }
        guard value.withBytes({ $0.allSatisfy { (0x21...0x7E).contains($0) } }) else {
            throw Self.failure(name, "\(rule.reference) holds something else than visible ASCII on one line")
        }
        return value
    }

    private static func read(environment variable: String, into value: LockedBytes, _ name: String) throws(SluiceError)
    {
        // Not through Context: its copy of the environment lies in ordinary memory.
        guard let text = getenv(variable) else {
            throw failure(name, "the environment variable \(variable) is not set")
        }
        guard value.append(UnsafeRawBufferPointer(start: text, count: strlen(text))) else {
            throw failure(name, "the environment variable \(variable) is longer than \(maximum) bytes")
        }
    }

    private static func read(file path: String, into value: LockedBytes, _ name: String) throws(SluiceError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw failure(name, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw failure(name, "\(path) is not a regular file")
        }
        guard information.st_uid == geteuid() else { throw failure(name, "\(path) belongs to another user") }
        guard information.st_mode & 0o077 == 0 else {
            throw failure(name, "others may read \(path); run `chmod 600` on it")
        }
        guard value.append(contentsOf: descriptor) else {
            throw failure(name, "\(path) is longer than \(maximum) bytes, or cannot be read")
        }
        for end in [UInt8(ascii: "\n"), UInt8(ascii: "\r")] where value.withBytes({ $0.last }) == end {
            value.dropLast()
        }
    }

    private static func failure(_ name: String, _ reason: String) -> SluiceError {
        SluiceError(.egressSecret, "secret:\(name) cannot be used: \(reason).")
    }
}

/// Takes a secret out of what a server sent back.
///
/// Found are the value itself and the three spellings in which servers echo text: JSON-escaped, percent-encoded, and
/// base64 of the value or of the whole header. A server that wants to hand its own credential to the plugin can spell it
/// in other ways; it knows it anyway.
struct SecretRedaction {
    static let mark = Array("[secret]".utf8)

    /// Every spelling, the longest first. In ordinary memory, zeroed by `wipe`.
    private var spellings: [[UInt8]] = []

    init(_ secret: LockedBytes, scheme: String?) {
        var value = secret.withBytes { Array($0) }
        var all = [value, Self.escaped(value), Self.encoded(value), Self.base64(value)]
        if let scheme { all.append(Self.base64(Array("\(scheme) ".utf8) + value)) }
        for spelling in all where !spellings.contains(spelling) { spellings.append(spelling) }
        spellings.sort { $0.count > $1.count }
        Self.wipe(&value)
        for place in all.indices { Self.wipe(&all[place]) }
    }

    mutating func wipe() {
        for place in spellings.indices { Self.wipe(&spellings[place]) }
        spellings = []
    }

    private static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } }
    }

    /// Replaces every spelling by `[secret]`; the number of places.
    func clean(_ bytes: inout [UInt8]) -> Int {
        var found = 0
        for spelling in spellings where spelling.count <= bytes.count {
            var places: [Int] = []
            bytes.withUnsafeBytes { haystack in
                spelling.withUnsafeBytes { needle in
                    var at = 0
                    while at + needle.count <= haystack.count, let base = haystack.baseAddress,
                        let hit = csystem_find(base + at, haystack.count - at, needle.baseAddress ?? base, needle.count)
                    {
                        at = hit - base
                        places.append(at)
                        at += needle.count
                    }
                }
            }
            guard !places.isEmpty else { continue }
            found += places.count
            var cleaned: [UInt8] = []
            cleaned.reserveCapacity(bytes.count)
            var at = 0
            for place in places {
                cleaned += bytes[at..<place]
                cleaned += Self.mark
                at = place + spelling.count
            }
            cleaned += bytes[at...]
            Self.wipe(&bytes)
            bytes = cleaned
        }
        return found
    }

    func clean(_ text: String) -> (text: String, found: Int) {
        var bytes = Array(text.utf8)
        let found = clean(&bytes)
        return (found == 0 ? text : String(decoding: bytes, as: UTF8.self), found)
    }

    private static func escaped(_ value: [UInt8]) -> [UInt8] {
        value.flatMap { byte -> [UInt8] in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), byte] : [byte]
        }
    }

    private static func encoded(_ value: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return value.flatMap { byte -> [UInt8] in
            switch byte {
            case 48...57, 65...90, 97...122: [byte]
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): [byte]
            default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }

    private static func base64(_ value: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        // Whole groups of three: what follows decides the rest, with or without padding.
        for start in stride(from: 0, through: value.count - 3, by: 3) {
            let group = UInt32(value[start]) << 16 | UInt32(value[start + 1]) << 8 | UInt32(value[start + 2])
            for shift in [18, 12, 6, 0] { out.append(alphabet[Int(group >> UInt32(shift) & 63)]) }
        }
        return out
    }
}
