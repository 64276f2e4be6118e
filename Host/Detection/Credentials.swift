/// Secrets that a word or a place in an address names: passwords, tokens without a prefix, users' parts of URLs.
enum Credentials {
    // MARK: URLs

    /// The URL whose scheme ends at the colon at `place`, when a user's name and password are in it (RFC 3986, §3.2.1).
    static func url(_ text: Text, at place: Int) -> Entity? {
        guard text.at(place + 1) == 0x2F, text.at(place + 2) == 0x2F else { return nil }
        var start = place
        while start > 0, place - start < 32, isScheme(text[start - 1]) { start -= 1 }
        while start < place, !text.isASCIILetter(start) { start += 1 }
        guard place - start >= 2 else { return nil }
        var at = place + 3
        var colon: Int?
        var sign: Int?
        while at < text.count, at - place < 320 {
            let byte = text[at]
            if byte == 0x40 {
                sign = at
            } else if byte == 0x3A, colon == nil, sign == nil {
                colon = at
            } else if byte == 0x2F || byte == 0x3F || byte == 0x23 || byte <= 0x20 || byte == 0x22 || byte == 0x27
                || byte == 0x3C || byte == 0x3E || byte == 0x60
            {
                break
            }
            at += 1
        }
        guard let colon, let sign, sign > colon + 1, text.isWord(sign + 1) || text.at(sign + 1) == 0x5B,
            !isPlaceholder(text, colon + 1, sign)
        else { return nil }
        while at < text.count, at - place < 2_048, isURL(text[at]) { at += 1 }
        while at > sign + 1, [0x2E, 0x2C, 0x29, 0x3B, 0x3A].contains(text[at - 1]) { at -= 1 }
        return Entity(type: .credentialURL, start: start, end: at, score: 0.95, evidence: "user and password in a URL")
    }

    private static func isScheme(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2D || byte == 0x2E
    }

    private static func isURL(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x22 && byte != 0x27 && byte != 0x3C && byte != 0x3E && byte != 0x60 && byte != 0x5C
    }

    // MARK: Passwords

    /// The password behind the `:` or `=` at `place`, where the word in front of it says so.
    static func password(_ text: Text, at place: Int) -> Entity? {
        guard let word = label(text, place), word.contains(.password) else { return nil }
        var start = place + 1
        // `:=`, `=>` and `==` are programs' signs; the first two still give a value.
        if text.at(start) == 0x3D || text.at(start) == 0x3E { start += 1 }
        while start < place + 6, text.at(start) == 0x20 || text.at(start) == 0x09 { start += 1 }
        let quote = text.at(start)
        let isQuoted = quote == 0x22 || quote == 0x27 || quote == 0x60
        let isEscaped = quote == 0x5C && text.at(start + 1) == 0x22
        if isQuoted { start += 1 } else if isEscaped { start += 2 }
        let closing = isQuoted ? closingQuote(text, start, quote) : nil
        var end = start
        while closing == nil, end < text.count, end - start <= 128 {
            let byte = text[end]
            if byte <= 0x20 || byte == 0x22 || byte == 0x5C && isEscaped { break }
            if isQuoted, byte == quote { break }
            if !isQuoted, byte == 0x3B || byte == 0x26 || byte == 0x3C || byte == 0x2C || byte == 0x60 { break }
            end += 1
        }
        if let closing { end = closing }
        // A comma or a full stop behind it belongs to the sentence.
        while !isQuoted, end > start, [0x2E, 0x2C, 0x29, 0x7D, 0x5D].contains(text[end - 1]) { end -= 1 }
        guard (4...longestQuoted).contains(end - start), closing != nil || end - start <= 128,
            !isPlaceholder(text, start, end)
        else { return nil }
        // `PASS: ` is how tests report.
        if Secrets.matches(text, place - 4, "PASS"), !text.isWord(place - 5) { return nil }
        let isClosed = isQuoted ? text.at(end) == quote : isEscaped
        let isListed = text[place] == 0x3D && text.at(end) == 0x3B
        guard isClosed || isListed ? !isDescription(text, start, end) : isStrong(text, start, end) else { return nil }
        return Entity(type: .password, start: start, end: end, score: 0.85, evidence: "word")
    }

    /// Longest password between quotation marks, blanks included.
    private static let longestQuoted = 1_024

    /// The place of the mark that ends what `quote` began, on the same line.
    private static func closingQuote(_ text: Text, _ start: Int, _ quote: UInt8) -> Int? {
        var at = start
        while at < text.count, at - start <= longestQuoted, text[at] >= 0x20 {
            if text[at] == quote { return at }
            at += text[at] == 0x5C ? 2 : 1
        }
        return nil
    }

    /// The password that a sentence names: `the password is hunter2`; its first digit is at `place`.
    static func spoken(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 40, text[start - 1] > 0x20, text[start - 1] != 0x22, text[start - 1] != 0x27 {
            start -= 1
            if text.isDigit(start) || text[start] == 0x3D || text[start] == 0x3A { return nil }
        }
        var verb = start
        if text.at(verb - 1) == 0x22 || text.at(verb - 1) == 0x27 { verb -= 1 }
        guard verb > 3, text.at(verb - 1) == 0x20 else { return nil }
        verb -= 1
        let end = verb
        while verb > 0, end - verb < 4, text.isLetter(verb - 1) { verb -= 1 }
        guard ["is", "was", "ist", "est", "es", "to", "é", "è"].contains(where: { isWord(text, verb, end, $0) }),
            let word = label(text, verb), word.contains(.password)
        else { return nil }
        var last = start
        while last < text.count, last - start <= 64, text[last] > 0x20, text[last] != 0x22, text[last] != 0x27 {
            last += 1
        }
        while last > start, [0x2E, 0x2C, 0x29, 0x3B].contains(text[last - 1]) { last -= 1 }
        guard last - start >= 5, isStrong(text, start, last), !isPlaceholder(text, start, last) else { return nil }
        return Entity(type: .password, start: start, end: last, score: 0.75, evidence: "word")
    }

    private static func isWord(_ text: Text, _ start: Int, _ end: Int, _ word: StaticString) -> Bool {
        end - start == word.utf8CodeUnitCount && Secrets.matches(text, start, word)
    }

    /// What the last word of the name in front of a sign says: `DB_PASSWORD=`, `"userPassword" :`.
    private static func label(_ text: Text, _ place: Int) -> Naming? {
        var end = place
        while end > 0, place - end < 6, !text.isLetter(end - 1) {
            let byte = text[end - 1]
            guard
                byte == 0x20 || byte == 0x22 || byte == 0x27 || byte == 0x5D || byte == 0x5C || byte == 0x2A
                    || byte == 0x60
            else { return nil }
            end -= 1
        }
        var start = end
        while start > 0, end - start < 40, text.isLetter(start - 1) { start -= 1 }
        guard end > start else { return nil }
        return Naming.word(text, start, end)
    }

    /// Letters alone, of one case, are a word of the language or of a program.
    private static func isStrong(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        var digits = 0
        var letters = 0
        var signs = 0
        for place in start..<end {
            let byte = text[place]
            if text.isDigit(place) {
                digits += 1
            } else if text.isLetter(place) {
                letters += 1
            } else if [0x21, 0x40, 0x23, 0x24, 0x25, 0x5E, 0x26, 0x2A, 0x2B, 0x7E].contains(byte) {
                signs += 1
            }
            // Calls, members and templates.
            if byte == 0x28 || byte == 0x7B || byte == 0x5B || byte == 0x3C { return false }
        }
        if text.at(end) == 0x28 { return false }
        let isPath = (start..<end).contains { text[$0] == 0x2F || text[$0] == 0x2E || text[$0] == 0x5F }
        if isPath, signs == 0 { return false }
        return (digits > 0 && letters + signs > 0) || digits >= 6 || (signs > 0 && letters > 0)
    }

    /// What documents put where a value should be.
    static func isPlaceholder(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        let first = text.at(start)
        if first == 0x2F || first == 0x24 || first == 0x7B || first == 0x3C
            || first == 0x25 && text.at(start + 1) == 0x73
        {
            return true
        }
        let isStars = (start..<end).allSatisfy { [0x2A, 0x2E, 0x78, 0x58, 0x5F, 0x2D, 0x23].contains(text[$0]) }
        return isStars
    }

    private static func isDescription(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        let words: [StaticString] = [
            "string", "text", "password", "required", "hidden", "null", "none", "true", "false", "optional", "varchar",
            "str",
            "secret", "redacted",
        ]
        if isInstruction(text, start, end) { return true }
        return words.contains { word in
            end - start == word.utf8CodeUnitCount
                && word.withUTF8Buffer { letters in
                    letters.enumerated().allSatisfy { text[start + $0.offset] | 0x20 == $0.element }
                }
        }
    }

    /// Whether a word in it says that it tells of a password, as labels of forms do.
    private static func isInstruction(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        guard (start..<end).contains(where: { text[$0] == 0x20 }) else { return false }
        let words: [StaticString] = [
            "password", "passwort", "contraseña", "your", "must", "please", "enter", "required",
        ]
        var at = start
        while at < end {
            let word = at
            while at < end, text.isLetter(at) { at += 1 }
            let isSaid = words.contains { said in
                at - word == said.utf8CodeUnitCount
                    && said.withUTF8Buffer { letters in
                        letters.enumerated().allSatisfy { text[word + $0.offset] | 0x20 == $0.element | 0x20 }
                    }
            }
            if isSaid { return true }
            at += 1
        }
        return false
    }

    // MARK: Tokens without a prefix

    /// The token that the digit at `place` is part of, where a word names it and its signs look drawn at random.
    static func token(_ text: Text, at place: Int) -> Entity? {
        var start = place
        while start > 0, place - start < 40, isToken(text[start - 1]) {
            start -= 1
            // A digit further left in the same token has asked already.
            if text.isDigit(start) { return nil }
        }
        if text.at(start - 1) == 0x5C, start < place, [0x6E, 0x72, 0x74].contains(text[start]) { start += 1 }
        var end = place
        while end < text.count, end - start <= 512, isToken(text[end]) || text[end] == 0x3D { end += 1 }
        // `key=value`: the value is the token.
        if let sign = (start..<end).first(where: { text[$0] == 0x3D && $0 < place }) { start = sign + 1 }
        while end > start, text[end - 1] == 0x2E || text[end - 1] == 0x2D { end -= 1 }
        guard end - start >= 16, text.at(end) != 0x28, place < end else { return nil }
        let naming = Naming.before(text, start, words: 3)
        let isSecret = naming.contains(.secret)
        guard isSecret || naming.contains([.key, .keyKind]), isAssigned(text, start), isRandom(text, start, end) else {
            return nil
        }
        return Entity(type: .apiKey, start: start, end: end, score: 0.85, evidence: "entropy and word")
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || [0x2D, 0x5F, 0x2B, 0x2F, 0x2E, 0x7E].contains(byte)
    }

    /// Whether a sign, or the word `Bearer`, ties a value to what names it.
    private static func isAssigned(_ text: Text, _ start: Int) -> Bool {
        var at = start
        while at > 0, start - at < 6 {
            switch text[at - 1] {
            case 0x3A, 0x3D, 0x3E: return true
            case 0x20, 0x22, 0x27, 0x60, 0x5C, 0x28, 0x09: at -= 1
            default:
                return text.at(start - 1) == 0x20
                    && (Secrets.matches(text, at - 5, "earer") || Secrets.matches(text, at - 3, " is")
                        || Secrets.matches(text, at - 5, "token") || Secrets.matches(text, at - 5, "Token"))
            }
        }
        return false
    }

    /// Many changes between letters and digits, many different signs, and no words: not `getTokenFromHeader2`.
    static func isRandom(_ text: Text, _ start: Int, _ end: Int) -> Bool {
        var counts = [Int](repeating: 0, count: 128)
        var changes = 0
        var last = -1
        var separators = 0
        for place in start..<end {
            let byte = text[place] & 0x7F
            counts[Int(byte)] += 1
            let kind = text.isDigit(place) ? 1 : text.isASCIILetter(place) ? 0 : 2
            if kind == 2 {
                separators += 1
            } else {
                if last >= 0, kind != last { changes += 1 }
                last = kind
            }
        }
        let count = end - start
        // Shannon's entropy in tenths of a bit, without logarithms: the sum of squares bounds it from below.
        let squares = counts.reduce(0) { $0 + $1 * $1 }
        let isSpread = squares * 8 <= count * count
        let isHexadecimal = (start..<end).allSatisfy { text.isHexadecimal($0) || text[$0] | 0x20 == 0x78 }
        let isPath = counts[0x2F] > 0 && counts[0x2E] > 0
        return isSpread && changes >= 3 + count / 24 && separators * 6 <= count && !isPath
            && (!isHexadecimal || count >= 24)
    }
}
