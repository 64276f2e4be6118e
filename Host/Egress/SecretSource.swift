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
        let mark = rule.reference.firstIndex(of: ":") ?? rule.reference.startIndex
        let place = String(rule.reference[rule.reference.index(after: mark)...])
        let value: LockedBytes
        switch rule.reference[..<mark] {
        case "env": value = try Self.read(environment: place, name)
        case "file": value = try Self.read(file: place, name)
        case "store":
            throw Self.failure(
                name,
                "store:\(place) needs a secrets store, which this version does not have; use env:NAME or file:PATH")
        default: throw Self.failure(name, "its secret_ref is neither env:NAME nor file:PATH nor store:NAME")
        }
        guard value.count > 0 else { throw Self.failure(name, "\(rule.reference) is empty; put the secret into it") }
        guard value.count >= Self.minimum else {
            throw Self.failure(
                name, "\(rule.reference) holds fewer than \(Self.minimum) bytes; put the whole secret into it")
        }
        guard value.withBytes({ $0.allSatisfy { (0x21...0x7E).contains($0) } }) else {
            throw Self.failure(
                name,
                "\(rule.reference) holds something else than visible ASCII on one line; put the secret alone into it"
            )
        }
        return value
    }

    /// Room for a value of so many bytes: locked memory costs by the page.
    private static func room(_ bytes: Int, _ name: String) throws(SluiceError) -> LockedBytes {
        guard let value = LockedBytes(capacity: max(1, min(bytes, maximum))) else {
            throw failure(name, "there is no locked memory for it; raise the limit (`ulimit -l`)")
        }
        return value
    }

    private static func read(environment variable: String, _ name: String) throws(SluiceError) -> LockedBytes {
        // Not through Context: its copy of the environment lies in ordinary memory.
        guard let text = getenv(variable) else {
            throw failure(name, "the environment variable \(variable) is not set; set it to the secret")
        }
        let count = strlen(text)
        let value = try room(count, name)
        guard value.append(UnsafeRawBufferPointer(start: text, count: count)) else {
            throw failure(name, "the environment variable \(variable) is longer than \(maximum) bytes")
        }
        return value
    }

    private static func read(file path: String, _ name: String) throws(SluiceError) -> LockedBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR:
                throw failure(name, "the file \(path) is not there; write the secret into it and run `chmod 600` on it")
            case ELOOP: throw failure(name, "\(path) is a link; name the file itself")
            default: throw failure(name, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
            }
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw failure(name, "\(path) is not a regular file; name the file that holds the secret")
        }
        guard information.st_uid == geteuid() else {
            throw failure(name, "\(path) belongs to another user; name a file of your own")
        }
        guard information.st_mode & 0o077 == 0 else {
            throw failure(name, "others may read \(path); run `chmod 600` on it")
        }
        let value = try room(Int(information.st_size), name)
        guard value.append(contentsOf: descriptor) else {
            throw failure(name, "\(path) is longer than \(maximum) bytes, grows, or cannot be read")
        }
        for end in [UInt8(ascii: "\n"), UInt8(ascii: "\r")] where value.withBytes({ $0.last }) == end {
            value.dropLast()
        }
        return value
    }

    private static func failure(_ name: String, _ reason: String) -> SluiceError {
        SluiceError(.egressSecret, "secret:\(name) cannot be used: \(reason).")
    }
}
