/// A text as the column recognisers read it: lower case, Latin letters without marks, cut into words and numbers.
struct ColumnText: Sendable {
    /// A stretch of letters, of digits, or of both.
    struct Token: Sendable, Equatable {
        enum Kind: Sendable { case word, number, mixed }
        let text: String
        let kind: Kind
        /// The sign directly behind it, folded; 0 at the end.
        let next: UInt8
        /// The sign directly in front of it; 0 at the beginning.
        let previous: UInt8

        var isWord: Bool { kind == .word }
        var isNumber: Bool { kind == .number }
        /// `5th`, `22nd`: a street's number and no house's.
        var isOrdinal: Bool {
            kind == .mixed && (text.utf8.first ?? 0) &- 0x30 < 10
                && ["st", "nd", "rd", "th"].contains { text.hasSuffix($0) }
        }
        var beginsWithDigit: Bool { (text.utf8.first ?? 0) &- 0x30 < 10 }
        /// Letters that begin a name: `j`, or `j.`.
        var isInitial: Bool { kind == .word && text.unicodeScalars.count == 1 }
    }

    /// Bytes of a text that are looked at.
    static let maximumBytes = 256
    /// Tokens of a text that are looked at.
    static let maximumTokens = 40

    let bytes: [UInt8]
    let tokens: [Token]

    /// - Parameter text: UTF-8; what is no UTF-8 is read as signs without meaning.
    init(_ text: some Sequence<UInt8>) {
        bytes = Self.folded(text)
        tokens = Self.cut(bytes)
    }

    var words: [String] { tokens.lazy.filter(\.isWord).map(\.text) }
    func contains(_ byte: UInt8) -> Bool { bytes.contains(byte) }
    var digits: Int { bytes.count { $0 &- 0x30 < 10 } }
    var letters: Int { bytes.count { $0 &- 0x61 < 26 || $0 >= 0x80 } }

    // MARK: Folding

    private static func folded(_ text: some Sequence<UInt8>) -> [UInt8] {
        var bytes = Array(text.prefix(maximumBytes))
        guard bytes.contains(where: { $0 >= 0x80 }) else {
            for place in bytes.indices where bytes[place] &- 0x41 < 26 { bytes[place] |= 0x20 }
            return bytes
        }
        var folded: [UInt8] = []
        folded.reserveCapacity(bytes.count)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let value = scalar.value
            if value < 0x80 {
                let byte = UInt8(value)
                folded.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
            } else if value >= 0x300, value <= 0x36F {
                continue
            } else if value >= 0xC0, value < 0x180, let base = latin[Int(value) - 0xC0] {
                folded.append(base)
            } else if value == 0xDF {
                folded += [0x73, 0x73]
            } else if value == 0xA0 || value == 0x3000 || (0x2000...0x200A).contains(value) {
                folded.append(0x20)
            } else if value == 0x2019 || value == 0x2018 {
                folded.append(0x27)
            } else if (0x2010...0x2015).contains(value) {
                folded.append(0x2D)
            } else if scalar.properties.isAlphabetic {
                folded += Array(String(scalar).lowercased().utf8)
            } else {
                // A sign without meaning for words: `№`, `°`, `»`.
                folded.append(0x23)
            }
        }
        return folded
    }

    /// The bare letter of U+00C0 to U+017F; nil where there is none.
    private static let latin: [UInt8?] = {
        let letters =
            "aaaaaaaceeeeiiiidnooooo.ouuuuyt.aaaaaaaceeeeiiiidnooooo.ouuuuyty"
            + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllll"
            + "nnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
        return letters.utf8.prefix(192).map { $0 == 0x2E ? nil : $0 }
    }()

    private static func cut(_ bytes: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var at = 0
        func isLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 || byte >= 0x80 }
        func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
        while at < bytes.count, tokens.count < maximumTokens {
            guard isLetter(bytes[at]) || isDigit(bytes[at]) else {
                at += 1
                continue
            }
            let start = at
            var hasLetter = false
            var hasDigit = false
            while at < bytes.count {
                let byte = bytes[at]
                if isLetter(byte) {
                    hasLetter = true
                } else if isDigit(byte) {
                    hasDigit = true
                } else if byte == 0x27, at + 1 < bytes.count, isLetter(bytes[at + 1]), hasLetter, !hasDigit {
                    // The apostrophe of o'brien stays outside of the word's text.
                } else {
                    break
                }
                at += 1
            }
            let text = String(decoding: bytes[start..<at].lazy.filter { $0 != 0x27 }, as: UTF8.self)
            tokens.append(
                Token(
                    text: text, kind: hasLetter && hasDigit ? .mixed : hasDigit ? .number : .word,
                    next: at < bytes.count ? bytes[at] : 0, previous: start > 0 ? bytes[start - 1] : 0))
        }
        return tokens
    }
}
