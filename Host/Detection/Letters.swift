/// Letters as the dictionaries know them: small, and Latin ones and Greek ones bare of marks.
///
/// `scripts/make-lexicon.py` folds the same way; a word folds to the same scalars in either.
enum Letters {
    /// The case of a scalar.
    enum Case { case upper, lower, none }

    /// A scalar of a text and how many bytes it takes; bytes that are no UTF-8 stand for themselves.
    static func scalar(_ text: Text, _ at: Int) -> (value: UInt32, length: Int) {
        let lead = text.at(at)
        if lead < 0xC2 { return (UInt32(lead), 1) }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        var value = UInt32(lead & (0x7F >> UInt8(length)))
        for place in at + 1..<at + length {
            let byte = text.at(place)
            guard byte & 0xC0 == 0x80 else { return (UInt32(lead), 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (value, length)
    }

    /// Whether a scalar is one that nobody sees, and that may stand inside of a word.
    static func isUnseen(_ value: UInt32) -> Bool {
        switch value {
        case 0xAD, 0x34F, 0x200B...0x200F, 0x2060...0x2064, 0xFE00...0xFE0F, 0xFEFF: true
        default: false
        }
    }

    /// Whether a scalar outside of ASCII is a letter of a script with capitals and small letters, beside which a number is
    /// a part of a word. Those of ordinal numbers, as in `nº 4`, are none.
    static func isJoining(_ value: UInt32) -> Bool {
        switch value {
        case 0xD7, 0xF7, 0x37E, 0x384, 0x385, 0x387, 0x375, 0x482: return false
        case 0xC0...0x2AF, 0x300...0x36F, 0x370...0x52F, 0x531...0x556, 0x560...0x588: return true
        case 0x10A0...0x10FA, 0x10FC...0x10FF, 0x13A0...0x13FD, 0x1C80...0x1CBF, 0x1D00...0x1FBC: return true
        case 0x1FC2...0x1FCC, 0x1FD0...0x1FDB, 0x1FE0...0x1FEC, 0x1FF2...0x1FFC, 0x2C00...0x2CE4, 0x2D00...0x2D2D,
            0x2DE0...0x2DFF:
            return true
        case 0xA640...0xA69F, 0xA722...0xA7FF, 0xAB30...0xAB5A, 0xAB70...0xABBF, 0xFB00...0xFB17: return true
        case 0x10400...0x104FB, 0x10C80...0x10CF2, 0x118A0...0x118DF, 0x16E40...0x16E7F, 0x1D400...0x1D7CB,
            0x1E900...0x1E943:
            return true
        default: return false
        }
    }

    /// Whether a scalar is of a script that is written without blanks between words, or stands for a syllable in one:
    /// Han, kana, Hangul, Thai and their neighbours.
    static func isUnspaced(_ value: UInt32) -> Bool {
        switch value {
        case 0xE01...0xEFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17DD, 0x3005...0x318F, 0x31A0...0x31FF,
            0x3400...0x9FFF, 0xA960...0xA97F, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF66...0xFFDC, 0x20000...0x3FFFF:
            return true
        default: return false
        }
    }

    /// Whether a scalar outside of ASCII is part of a word: no punctuation, no blank, no symbol.
    static func isLetter(_ value: UInt32) -> Bool {
        switch value {
        case 0xC0...0x2FF: return value != 0xD7 && value != 0xF7
        case 0x300...0x36F, 0x370...0x37D, 0x386, 0x388...0x589: return true
        case 0x5D0...0x5F2, 0x5B0...0x5C7, 0x610...0x61A, 0x620...0x65F, 0x66E...0x6D3, 0x6D5...0x6ED,
            0x6FA...0x6FF:
            return true
        case 0x750...0x77F, 0x8A0...0x8FF, 0x900...0x963, 0x971...0xDF3: return true
        case 0xE01...0xE3A, 0xE40...0xE4E, 0xE81...0xEDF, 0xF00...0x1FFF: return true
        // The signs of the ohm and the increment stand for letters in many a Greek text.
        case 0x2126, 0x2206, 0x2C00...0x2DFF, 0x3005...0x3007, 0x3041...0x30FA, 0x30FC...0x318F,
            0x3400...0x9FFF:
            return true
        case 0xA000...0xD7FF, 0xF900...0xFDFF, 0xFE70...0xFEFE, 0xFF21...0xFF3A, 0xFF41...0xFF5A,
            0xFF66...0xFFDC,
            0x10000...0x1EFFF, 0x20000...0x3FFFF:
            return true
        case 0xAA, 0xB5, 0xBA: return true
        default: return false
        }
    }

    /// The scalar in small and bare of marks; 0 for a mark of its own.
    static func fold(_ value: UInt32) -> UInt32 {
        switch value {
        case 0x41...0x5A: return value + 0x20
        case 0...0x7F: return value
        case 0xC0..<0x250: return bare(latin[Int(value) - 0xC0], value)
        case 0x300...0x36F: return 0
        case 0x386...0x3CE: return greek[Int(value) - 0x386]
        case 0x400...0x40F: return value == 0x401 ? 0x435 : value + 0x50
        case 0x410...0x42F: return value + 0x20
        case 0x451: return 0x435
        case 0x460...0x481, 0x48A...0x4BF, 0x4D0...0x52F: return value | 1
        case 0x531...0x556: return value + 0x30
        case 0x2126: return 0x3C9
        case 0xFF21...0xFF3A: return value - 0xFEC0
        case 0xFF41...0xFF5A: return value - 0xFEE0
        case 0x2206: return 0x3B4
        case 0x1E00..<0x1F00: return bare(additional[Int(value) - 0x1E00], value)
        default: return value
        }
    }

    static func casing(_ value: UInt32) -> Case {
        switch value {
        case 0x41...0x5A, 0xC0...0xDE, 0x386...0x3AB, 0x400...0x42F, 0x531...0x556, 0x2126, 0x2206,
            0xFF21...0xFF3A:
            return .upper
        case 0x61...0x7A, 0xDF...0xFF, 0x3AC...0x3CE, 0x430...0x45F, 0x561...0x587, 0xFF41...0xFF5A:
            return .lower
        case 0x100...0x137, 0x14A...0x177, 0x1DE...0x233, 0x460...0x481, 0x48A...0x4BF, 0x4D0...0x52F,
            0x1E00...0x1EFF:
            return value & 1 == 0 ? .upper : .lower
        case 0x139...0x148, 0x179...0x17E, 0x1CD...0x1DC: return value & 1 == 1 ? .upper : .lower
        case 0x178: return .upper
        case 0x180...0x1CC, 0x234...0x2FF, 0x17F: return .lower
        default: return .none
        }
    }

    private static func bare(_ letter: UInt8, _ value: UInt32) -> UInt32 {
        letter == 0x2D ? value : UInt32(letter)
    }

    /// U+00C0 to U+024F; a dash where a letter stands for itself.
    private static let latin = Array(
        """
        aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggggggg\
        hhhhiiiiiiiiii--jjkkkllllll--llnnnnnn-nnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzz---------\
        -------e----------------oo-------------uu----------------------------aaiioouuuuuuuuuu-aaaaaa--ggkkoo\
        oo--j---gg--nnaaaaooaaaaeeeeiiiioooorrrruuuusstt--hh------aaeeooooooooyy----------------------------
        """.utf8)
    /// U+1E00 to U+1EFF.
    private static let additional = Array(
        """
        aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssss\
        ssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy----s-aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeee\
        iiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy------
        """.utf8)
    /// U+0386 to U+03CE.
    private static let greek: [UInt32] =
        """
        α·εηι΋ο΍υωιαβγδεζηθικλμνξοπρ΢στυφχψωιυαεηιυαβγδεζηθικλμνξοπρσστυφχψωιυουω
        """.unicodeScalars.map(\.value)
}
