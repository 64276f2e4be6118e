/// What stands between a word and the one before it.
struct Gap: OptionSet {
    let rawValue: UInt32
    static let space = Gap(rawValue: 1)
    static let newline = Gap(rawValue: 2)
    /// An empty line.
    static let blank = Gap(rawValue: 4)
    static let comma = Gap(rawValue: 8)
    static let period = Gap(rawValue: 16)
    /// `!`, `?` and their like of other scripts.
    static let stop = Gap(rawValue: 32)
    static let colon = Gap(rawValue: 64)
    static let semicolon = Gap(rawValue: 128)
    static let hyphen = Gap(rawValue: 256)
    static let apostrophe = Gap(rawValue: 512)
    static let quote = Gap(rawValue: 1024)
    static let slash = Gap(rawValue: 2048)
    static let open = Gap(rawValue: 4096)
    static let close = Gap(rawValue: 8192)
    /// `=`, `|`, tab and angle brackets: what parts fields from each other and keys from values.
    static let cell = Gap(rawValue: 16384)
    static let ampersand = Gap(rawValue: 32768)
    static let underscore = Gap(rawValue: 65536)
    /// `@`, `#`, `$`, `%`, `\` and anything else.
    static let other = Gap(rawValue: 131072)

    static let sentence: Gap = [.period, .stop, .newline, .colon, .quote, .cell, .semicolon]
}

/// How a word is written.
enum Shape: UInt8 {
    case lower, capital, upper, mixed, caseless, digits, alphanumeric
}

/// A word or a number of a text.
struct Token {
    /// Byte offsets.
    var start: Int
    var end: Int
    /// Of the folded word; of a number its value, as far as nine digits go.
    var hash: UInt64
    var classes: WordClass
    var gap: Gap
    var shape: Shape
    /// Part of something that was found already, or of an address of the Internet.
    var isTaken: Bool
    /// Letters or digits.
    var length: Int

    var isNumber: Bool { shape == .digits }
    /// Begins with a capital, or has none to begin with.
    var isCapital: Bool { shape == .capital || shape == .upper || shape == .mixed }
    var value: Int { shape == .digits ? Int(hash) : -1 }

    static let none = Token(
        start: 0, end: 0, hash: 0, classes: [], gap: [], shape: .lower, isTaken: true, length: 0)
}

/// Cuts a text into words and numbers.
struct Tokenizer {
    private let text: Text
    private let lexicon: Lexicon
    private var at = 0
    private let gaps = Self.gaps

    /// Begins at a byte of the text.
    init(_ text: Text, lexicon: Lexicon, from start: Int = 0) {
        self.text = text
        self.lexicon = lexicon
        at = start
    }

    /// Longest word that is looked up, in bytes.
    private static let longest = 72

    /// The next word; nil at the end.
    mutating func next() -> Token? {
        var gap: Gap = []
        while at < text.count {
            let byte = text[at]
            if byte < 0x80 {
                if text.isDigit(at) || text.isASCIILetter(at) { return word(gap) }
                if byte == 0x0A, gap.contains(.newline) { gap.insert(.blank) }
                gap.formUnion(gaps[Int(byte)])
                at += 1
                continue
            }
            let (scalar, length) = Letters.scalar(text, at)
            if Letters.isLetter(scalar) { return word(gap) }
            gap.formUnion(Self.gap(scalar))
            at += length
        }
        return nil
    }

    private mutating func word(_ gap: Gap) -> Token {
        let start = at
        var hash = Lexicon.seed
        var value: UInt64 = 0
        var uppers = 0
        var lowers = 0
        var digits = 0
        var others = 0
        var isFirstUpper = false
        while at < text.count {
            let byte = text[at]
            if byte < 0x80 {
                if byte &- 0x61 < 26 {
                    lowers += 1
                    hash = Lexicon.step(hash, UInt32(byte))
                } else if byte &- 0x41 < 26 {
                    if at == start { isFirstUpper = true }
                    uppers += 1
                    hash = Lexicon.step(hash, UInt32(byte) + 0x20)
                } else if byte &- 0x30 < 10 {
                    digits += 1
                    if digits <= 9 { value = value * 10 + UInt64(byte - 0x30) }
                } else {
                    break
                }
                at += 1
                continue
            }
            let (scalar, length) = Letters.scalar(text, at)
            guard Letters.isLetter(scalar) else {
                guard Letters.isUnseen(scalar) else { break }
                at += length
                continue
            }
            let folded = Letters.fold(scalar)
            if folded != 0 {
                hash = Lexicon.step(hash, folded)
                switch Letters.casing(scalar) {
                case .upper:
                    if at == start { isFirstUpper = true }
                    uppers += 1
                case .lower: lowers += 1
                case .none: others += 1
                }
            }
            at += length
        }
        let letters = uppers + lowers + others
        let shape: Shape
        if digits > 0 {
            shape = letters == 0 ? .digits : .alphanumeric
            if letters == 0 { hash = digits <= 9 ? value : 999_999_999 }
        } else if others > 0, uppers == 0 {
            shape = .caseless
        } else if uppers == 0 {
            shape = .lower
        } else if uppers == 1, isFirstUpper {
            shape = .capital
        } else {
            shape = lowers == 0 ? .upper : .mixed
        }
        let isKnown = digits == 0 && at - start <= Self.longest
        return Token(
            start: start, end: at, hash: hash, classes: isKnown ? lexicon.classes(hash) : [], gap: gap,
            shape: shape,
            isTaken: at - start > Self.longest, length: letters + digits)
    }

    // MARK: Between words

    private static let gaps: [Gap] = {
        var gaps = [Gap](repeating: .other, count: 128)
        for (signs, gap): (String, Gap) in [
            (" ", .space), ("\n", .newline), ("\r", .space), (",", .comma), (".", .period), ("!?", .stop),
            (":", .colon),
            (";", .semicolon), ("-", .hyphen), ("'", .apostrophe), ("\"", .quote), ("/", .slash),
            ("([{", .open),
            (")]}", .close), ("=|\t<>", .cell), ("&", .ampersand), ("_", .underscore),
        ] {
            for byte in signs.utf8 { gaps[Int(byte)] = gap }
        }
        return gaps
    }()

    private static func gap(_ scalar: UInt32) -> Gap {
        switch scalar {
        case 0x2018, 0x2019, 0x02BC, 0x60, 0xB4: .apostrophe
        case 0x201C...0x201F, 0xAB, 0xBB, 0x2039, 0x203A, 0x300C...0x300F: .quote
        case 0x3001, 0x60C: .comma
        case 0x3002: .period
        case 0xA1, 0xBF, 0x61F: .stop
        case 0xA0: .space
        case 0x30FB: .space
        default: .other
        }
    }
}
