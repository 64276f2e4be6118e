internal import CCurl

/// Takes a secret out of what a server sent back.
///
/// Found are the value, each of its bytes and characters plain or in any spelling that JSON, URLs, HTML and JavaScript
/// have for it, and its base64 (RFC 4648 §§4, 5), wherever in a longer text it lies. A server that wants to hand its own
/// credential to the plugin can spell it in other ways; it knows it anyway.
///
/// Looks at the secret where it lies, in locked memory; no spelling of it is made.
public struct SecretRedaction {
    static let mark = Array("[secret]".utf8)

    private let secret: LockedBytes

    init(_ secret: LockedBytes) { self.secret = secret }

    /// For a secret that lies in ordinary memory as well: the password of a database, which a plugin is told.
    ///
    /// - Returns: nil for an empty one, and for one of more than 1 MiB.
    public init?(_ text: String) {
        guard let secret = LockedBytes(capacity: text.utf8.count, isLocked: false), secret.append(plain: text) else {
            return nil
        }
        self.secret = secret
    }

    /// Replaces every place by `[secret]`; the number of places. What `bytes` were is zeroed, if anything was found.
    func clean(_ bytes: inout [UInt8]) -> Int {
        let places = bytes.withUnsafeBytes { text in
            secret.withBytes { secret in
                var search = SecretSearch(text: text, secret: secret)
                return search.places()
            }
        }
        guard !places.isEmpty else { return 0 }
        var cleaned: [UInt8] = []
        cleaned.reserveCapacity(bytes.count)
        var at = 0
        for place in places {
            cleaned += bytes[at..<place.lowerBound]
            cleaned += Self.mark
            at = place.upperBound
        }
        cleaned += bytes[at...]
        bytes.withUnsafeMutableBytes { ccurl_wipe($0.baseAddress, $0.count) }
        bytes = cleaned
        return places.count
    }

    /// The text with `[secret]` in each place, and the number of places.
    public func clean(_ text: String) -> (text: String, found: Int) {
        var bytes = Array(text.utf8)
        let found = clean(&bytes)
        return (found == 0 ? text : String(decoding: bytes, as: UTF8.self), found)
    }
}

/// One search through one text.
private struct SecretSearch {
    let text: UnsafeRawBufferPointer
    let secret: UnsafeRawBufferPointer

    /// What is looked for: the value, or its base64 behind so many bytes of something else, modulo three. Of base64 only
    /// whole groups are compared; the first bytes of the value are skipped up to where one begins.
    private enum Needle: CaseIterable {
        case value, base64, base64Behind2, base64Behind1

        var skipped: Int {
            switch self {
            case .value, .base64: 0
            case .base64Behind2: 1
            case .base64Behind1: 2
            }
        }
    }

    // Where a spelling of what was compared so far may end: a backslash can be itself and the beginning of an escape.
    private var ends: [Int] = []
    private var next: [Int] = []
    // Ends of spellings of whole characters, by the place in the value behind the character.
    private var ahead: [(place: Int, end: Int)] = []
    /// Without base64 that would have no whole group.
    private let needles: [Needle]

    init(text: UnsafeRawBufferPointer, secret: UnsafeRawBufferPointer) {
        self.text = text
        self.secret = secret
        needles = Needle.allCases.filter { $0 == .value || secret.count - $0.skipped >= 3 }
    }

    /// In order, none over another. Takes time in proportion to the text, as far as it is unlike the secret.
    mutating func places() -> [Range<Int>] {
        var mayBegin = [Bool](repeating: false, count: 256)
        for byte in #"\%&"#.utf8 { mayBegin[Int(byte)] = true }
        for needle in needles {
            let first = self.byte(0, of: needle)
            for byte in [first, UInt8(ascii: "-"), UInt8(ascii: "_")] where isEqual(byte, first, needle) {
                mayBegin[Int(byte)] = true
            }
        }
        var found: [Range<Int>] = []
        var at = 0
        while at < text.count {
            guard mayBegin[Int(text[at])], let place = place(at, behind: found.last?.upperBound ?? 0) else {
                at += 1
                continue
            }
            found.append(place)
            at = place.upperBound
        }
        return found
    }

    private mutating func place(_ start: Int, behind floor: Int) -> Range<Int>? {
        for needle in needles {
            guard var end = end(of: needle, from: start) else { continue }
            guard needle != .value else { return start..<end }
            // The groups at either end hold the rest of the value beside something else.
            var start = start
            for _ in 0..<(needle.skipped == 0 ? 0 : needle.skipped + 1) where start > floor && isBase64(start - 1) {
                start -= 1
            }
            let rest = (secret.count - needle.skipped) % 3
            for _ in 0..<(rest == 0 ? 0 : rest + 1) where end < text.count && isBase64(end) { end += 1 }
            return start..<end
        }
        return nil
    }

    private mutating func end(of needle: Needle, from start: Int) -> Int? {
        ends.removeAll(keepingCapacity: true)
        ends.append(start)
        ahead.removeAll(keepingCapacity: true)
        let count = needle == .value ? secret.count : (secret.count - needle.skipped) / 3 * 4
        for place in 0..<count {
            let wanted = byte(place, of: needle)
            next.removeAll(keepingCapacity: true)
            for end in ends { spell(wanted, from: end, needle) }
            if needle == .value, wanted >= 0xC0 { spellCharacter(at: place) }
            for (behind, end) in ahead where behind == place + 1 { add(end) }
            if next.isEmpty, !ahead.contains(where: { $0.place > place + 1 }) { return nil }
            swap(&ends, &next)
        }
        return ends.max()
    }

    /// A character of several bytes that is written as its number: `\u00e9`, a pair of surrogates, `&#233;`.
    private mutating func spellCharacter(at place: Int) {
        let width = secret[place] < 0xE0 ? 2 : secret[place] < 0xF0 ? 3 : 4
        guard place + width <= secret.count,
            let scalar = String(validating: secret[place..<(place + width)], as: UTF8.self)?.unicodeScalars.first
        else { return }
        for start in ends where start < text.count {
            if text[start] == UInt8(ascii: "&") {
                if let (value, end) = number(ofEntity: start + 1), value == scalar.value {
                    ahead.append((place + width, end))
                }
                continue
            }
            var at = start
            for unit in String(scalar).utf16 {
                guard let end = escape(at, of: UInt32(unit)) else {
                    at = -1
                    break
                }
                at = end
            }
            if at > start { ahead.append((place + width, at)) }
        }
    }

    /// Where `\uXXXX` with that number ends; its backslash may be doubled.
    private func escape(_ place: Int, of unit: UInt32) -> Int? {
        var at = place
        while at - place < 8, at < text.count, text[at] == UInt8(ascii: "\\") { at += 1 }
        guard at > place, at < text.count, text[at] == UInt8(ascii: "u"), number(at + 1, digits: 4) == unit else {
            return nil
        }
        return at + 5
    }

    // MARK: What is looked for

    private func byte(_ place: Int, of needle: Needle) -> UInt8 {
        guard needle != .value else { return secret[place] }
        let group = needle.skipped + place / 4 * 3
        let bits = UInt32(secret[group]) << 16 | UInt32(secret[group + 1]) << 8 | UInt32(secret[group + 2])
        switch UInt8(bits >> UInt32(18 - place % 4 * 6) & 63) {
        case let digit where digit < 26: return UInt8(ascii: "A") + digit
        case let digit where digit < 52: return UInt8(ascii: "a") + digit - 26
        case let digit where digit < 62: return UInt8(ascii: "0") + digit - 52
        case 62: return UInt8(ascii: "+")
        default: return UInt8(ascii: "/")
        }
    }

    /// base64url has other characters for two digits.
    private func isEqual(_ byte: UInt8, _ wanted: UInt8, _ needle: Needle) -> Bool {
        if byte == wanted { return true }
        guard needle != .value else { return false }
        switch byte {
        case UInt8(ascii: "-"): return wanted == UInt8(ascii: "+")
        case UInt8(ascii: "_"): return wanted == UInt8(ascii: "/")
        default: return false
        }
    }

    private func isBase64(_ place: Int) -> Bool {
        switch text[place] {
        case 48...57, 65...90, 97...122: true
        default: "+/-_".utf8.contains(text[place])
        }
    }

    // MARK: Spellings of one byte

    /// Adds to `next` where a spelling of `wanted` that begins at a place ends.
    private mutating func spell(_ wanted: UInt8, from place: Int, _ needle: Needle) {
        guard place < text.count else { return }
        if isEqual(text[place], wanted, needle) { add(place + 1) }
        switch text[place] {
        case UInt8(ascii: "\\"):
            // A text within a text doubles the backslashes of the inner one.
            var at = place
            while at - place < 8, at < text.count, text[at] == UInt8(ascii: "\\") {
                at += 1
                guard at < text.count else { return }
                if isEqual(text[at], wanted, needle) { add(at + 1) }
                let digits = text[at] == UInt8(ascii: "u") ? 4 : text[at] == UInt8(ascii: "x") ? 2 : 0
                if digits > 0, isEqual(number(at + 1, digits: digits), wanted, needle) { add(at + 1 + digits) }
            }
        case UInt8(ascii: "%"):
            if isEqual(number(place + 1, digits: 2), wanted, needle) { add(place + 3) }
        case UInt8(ascii: "&"):
            if let (byte, end) = entity(place + 1), isEqual(byte, wanted, needle) { add(end) }
        default: break
        }
    }

    private mutating func add(_ end: Int) { if !next.contains(end) { next.append(end) } }

    private func isEqual(_ number: UInt32?, _ wanted: UInt8, _ needle: Needle) -> Bool {
        number.flatMap { UInt8(exactly: $0) }.map { isEqual($0, wanted, needle) } ?? false
    }

    /// Hexadecimal digits, so many of them.
    private func number(_ place: Int, digits: Int) -> UInt32? {
        guard place + digits <= text.count else { return nil }
        var value: UInt32 = 0
        for at in place..<(place + digits) {
            guard let digit = digit(text[at], radix: 16) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    private func digit(_ byte: UInt8, radix: UInt32) -> UInt32? {
        switch byte {
        case 48...57: UInt32(byte - 48)
        case 65...70 where radix == 16: UInt32(byte - 55)
        case 97...102 where radix == 16: UInt32(byte - 87)
        default: nil
        }
    }

    /// What stands behind the `&` of an entity of HTML, and where it ends.
    private func entity(_ place: Int) -> (UInt8, Int)? {
        guard place < text.count else { return nil }
        guard text[place] == UInt8(ascii: "#") else {
            for (name, byte) in Self.names where text.count - place >= name.count && text[place...].starts(with: name) {
                return (byte, place + name.count)
            }
            return nil
        }
        return number(ofEntity: place).flatMap { value, end in UInt8(exactly: value).map { ($0, end) } }
    }

    /// The number of an entity that has one, and where it ends.
    private func number(ofEntity place: Int) -> (UInt32, Int)? {
        guard place < text.count, text[place] == UInt8(ascii: "#") else { return nil }
        var at = place + 1
        let isHexadecimal = at < text.count && text[at] | 0x20 == UInt8(ascii: "x")
        if isHexadecimal { at += 1 }
        let first = at
        var value: UInt32 = 0
        while at < text.count, at - first < 7, let digit = digit(text[at], radix: isHexadecimal ? 16 : 10) {
            value = value * (isHexadecimal ? 16 : 10) + digit
            at += 1
        }
        guard at > first else { return nil }
        // Browsers read it without its semicolon, too.
        return (value, at < text.count && text[at] == UInt8(ascii: ";") ? at + 1 : at)
    }

    private static let names: [([UInt8], UInt8)] = [
        ("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("apos;", "'"), ("sol;", "/"), ("plus;", "+"),
        ("equals;", "="), ("colon;", ":"), ("percnt;", "%"), ("bsol;", "\\"), ("lowbar;", "_"), ("num;", "#"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)[0]) }
}
