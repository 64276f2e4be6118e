internal import Detection

/// What is left of a value of a kind: enough to see what it is, too little to say whose it is.
///
/// In texts and in columns alike; docs/masking.md has the table and says what each form gives away.
enum MaskedForm {
    /// What stands in the place of a sign that is hidden, for kinds without a form of their own.
    enum Cover {
        /// `*` for letters and digits: in texts, where a shape could be taken for a word.
        case stars
        /// The value's shape: in columns. At most 64 scalars of any form are shown there.
        case shape
    }

    /// Appends the form of a value to bytes that the caller reuses.
    ///
    /// - Parameter type: nil when nobody knows what it is.
    static func write(
        _ value: UnsafeRawBufferPointer, as type: EntityType?, cover: Cover, into out: inout [UInt8]
    ) {
        let start = out.count
        if !writeOwn(value, as: type, into: &out) {
            out.removeLast(out.count - start)
            switch cover {
            case .stars: stars(value, keeping: 0, into: &out)
            case .shape: return Shape.write(value, into: &out)
            }
        }
        if cover == .shape { cut(from: start, &out) }
    }

    /// False when the kind has no form, or the value is not written as its kind is.
    private static func writeOwn(
        _ value: UnsafeRawBufferPointer, as type: EntityType?, into out: inout [UInt8]
    ) -> Bool {
        switch type {
        case .email: return email(value, into: &out)
        case .creditCard:
            guard isNumber(value, 12...19) else { return false }
            stars(value, keeping: 4, into: &out)
        case .usSSN:
            guard isNumber(value, 9...9) else { return false }
            stars(value, keeping: 4, into: &out)
        case .iban:
            guard ValueCheck.isWrittenAsIBAN(value) else { return false }
            stars(value, keepingFirst: 2, keeping: 4, into: &out)
        case .phone: return phone(value, into: &out)
        case .bankAccount:
            guard isNumber(value, 12...34) else { return false }
            stars(value, keeping: 4, into: &out)
        case .cryptoAddress:
            // No word is that long, and none has digits in it.
            guard (25...128).contains(value.count), value.allSatisfy({ $0 < 0x80 && isWord($0) }),
                value.contains(where: isDigit)
            else { return false }
            stars(value, keeping: 4, into: &out)
        case .apiKey: key(value, into: &out)
        case .credentialURL: return credentials(value, into: &out)
        case .password:
            // Not even how long it is.
            out.append(contentsOf: [UInt8](repeating: star, count: 8))
        default: return false
        }
        return true
    }

    // MARK: Kinds

    /// The first sign of the local part and of the domain, if there are two more behind it, and what is behind the
    /// domain's last dot.
    private static func email(_ value: UnsafeRawBufferPointer, into out: inout [UInt8]) -> Bool {
        guard let at = value.firstIndex(of: 0x40), value.lastIndex(of: 0x40) == at,
            let dot = value.lastIndex(of: 0x2E), dot > at + 1, at > 0,
            value.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), isTopLevel(value[(dot + 1)...])
        else { return false }
        out.append(at > 2 ? value[0] : star)
        out.append(contentsOf: [star, star, star, 0x40])
        for place in (at + 1)..<dot {
            let isShown = value[place] == 0x2E || (place == at + 1 && dot - at > 3)
            out.append(isShown ? value[place] : star)
        }
        out.append(contentsOf: value[dot...])
        return true
    }

    /// Two to 24 letters, or a name of another script in ASCII.
    private static func isTopLevel(_ label: Slice<UnsafeRawBufferPointer>) -> Bool {
        if (2...24).contains(label.count), label.allSatisfy(isLetter) { return true }
        return (5...63).contains(label.count) && label.starts(with: "xn--".utf8)
            && label.allSatisfy { isDigit($0) || isLetter($0) || $0 == 0x2D }
    }

    /// The country's code behind `+`, and the shape of the rest.
    private static func phone(_ value: UnsafeRawBufferPointer, into out: inout [UInt8]) -> Bool {
        // Digits, what parts them, and the letters of an extension (`ext. 12`).
        guard value.first == 0x2B, (7...21).contains(value.count(where: isDigit)),
            value.dropFirst().allSatisfy({ isDigit($0) || " -./()#extEXT".utf8.contains($0) })
        else { return false }
        let digits = value.prefix(8).dropFirst().prefix { $0 &- 0x30 < 10 }.map { $0 - 0x30 }
        let padded = digits.count >= 3 ? digits : digits + [UInt8](repeating: 0, count: 3 - digits.count)
        // `+44 20 …`: the code stands alone in front of a blank, or the number is written in one.
        guard !digits.isEmpty, let code = ValueCheck.countryCode(padded), digits.count >= code else { return false }
        stars(value, keepingFirst: code, keeping: 0, into: &out)
        return true
    }

    /// The issuer's mark up to its first dash or underscore, and stars: `sk-********`.
    private static func key(_ value: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        if value.count >= 16 { out.append(contentsOf: value[..<ValueCheck.issuersMark(value)]) }
        out.append(contentsOf: [UInt8](repeating: star, count: 8))
    }

    /// The scheme, and stars for the user, the password and all behind them: `postgres://***:***@***`.
    private static func credentials(_ value: UnsafeRawBufferPointer, into out: inout [UInt8]) -> Bool {
        guard let colon = value.prefix(17).firstIndex(of: 0x3A), colon >= 2, value[0] &- 0x61 < 26,
            value[..<colon].allSatisfy({ $0 &- 0x61 < 26 || isDigit($0) || [0x2B, 0x2D, 0x2E].contains($0) }),
            value[colon...].starts(with: "://".utf8), value[colon...].contains(0x40)
        else { return false }
        out.append(contentsOf: value[..<colon])
        out.append(contentsOf: "://***:***@***".utf8)
        return true
    }

    // MARK: Parts

    private static let star = UInt8(ascii: "*")

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    private static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte >= 0xC0 }
    /// Letters and digits, of any script.
    private static func words(_ value: UnsafeRawBufferPointer) -> Int { value.count { isWord($0) } }
    /// So many digits, and nothing else but blanks and dashes.
    private static func isNumber(_ value: UnsafeRawBufferPointer, _ digits: ClosedRange<Int>) -> Bool {
        digits.contains(value.count(where: isDigit))
            && value.allSatisfy { isDigit($0) || $0 == 0x20 || $0 == 0x2D }
    }

    /// Stars for letters and digits, one a scalar, but for the first and the last few; half of them at most are shown.
    private static func stars(
        _ value: UnsafeRawBufferPointer, keepingFirst first: Int = 0, keeping last: Int, into out: inout [UInt8]
    ) {
        let total = words(value)
        let shown = min(last, max(0, total / 2 - first))
        var place = 0
        for byte in value where byte & 0xC0 != 0x80 {
            if byte >= 0x80 {
                out.append(star)
            } else if isWord(byte) {
                out.append(place < first || place >= total - shown ? byte : star)
            } else {
                out.append(byte < 0x20 || byte == 0x7F ? star : byte)
                continue
            }
            place += 1
        }
    }

    /// No more than a shape shows: 64 scalars, then `…`. A form is ASCII.
    private static func cut(from start: Int, _ out: inout [UInt8]) {
        guard out.count - start > Shape.maximumScalars else { return }
        out.removeLast(out.count - start - Shape.maximumScalars)
        out.append(contentsOf: "…".utf8)
    }
}
