/// A part of a text in which signs that look like ASCII are ASCII, and those that nobody sees are gone.
///
/// Full-width forms, digits of other scripts, typographic dashes and blanks hide numbers from a reader of bytes but not
/// from a person (Unicode TR 36).
struct Folding {
    private(set) var bytes: [UInt8] = []
    /// Where the way from folded places to places of the original changes: from `folded` on, one byte is one byte.
    private var turns: [(folded: Int, original: Int)] = []

    /// Folds the scalars of `part`; what is no UTF-8 stays as it is.
    init(_ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>) {
        bytes.reserveCapacity(part.count)
        turns.append((0, part.lowerBound))
        var at = part.lowerBound
        var plain = at
        while true {
            at = Self.firstFolded(text, at..<part.upperBound)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[plain..<at]))
            guard at < part.upperBound, let (scalar, length) = Self.scalar(text, at, part.upperBound) else { break }
            if case .ascii(let sign) = Self.fold(scalar, in: text, at, at + length) { bytes.append(sign) }
            at += length
            plain = at
            turns.append((bytes.count, at))
        }
    }

    /// The place of the original that a folded byte came from.
    func original(_ place: Int) -> Int {
        // The last of the turns that is not behind the place: of those at one place the last, as the others were left out.
        var low = 0
        var high = turns.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if turns[middle].folded <= place { low = middle } else { high = middle }
        }
        return turns[low].original + place - turns[low].folded
    }

    /// The folded place of a place of the original that no dropped scalar stands at.
    func folded(_ original: Int) -> Int {
        var low = 0
        var high = turns.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if turns[middle].original <= original { low = middle } else { high = middle }
        }
        let place = turns[low].folded + original - turns[low].original
        return low + 1 < turns.count ? min(place, turns[low + 1].folded) : place
    }

    // MARK: Scalars

    /// The first scalar of a part that is folded, or the part's end.
    static func firstFolded(_ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>) -> Int {
        var at = part.lowerBound
        guard let base = text.baseAddress else { return part.upperBound }
        while at < part.upperBound {
            if at + 16 <= part.upperBound {
                // Within the bytes: the part is.
                let chunk = UnsafeRawPointer(base + at).loadUnaligned(as: SIMD2<UInt64>.self)
                if (chunk[0] | chunk[1]) & 0x8080_8080_8080_8080 == 0 {
                    at += 16
                    continue
                }
            }
            let end = min(at + 16, part.upperBound)
            while at < end {
                guard text[at] >= 0x80 else {
                    at += 1
                    continue
                }
                guard leads[Int(text[at])], let (scalar, length) = scalar(text, at, part.upperBound) else {
                    at += 1
                    continue
                }
                if case .keep = fold(scalar, in: text, at, at + length) { at += length } else { return at }
            }
        }
        return part.upperBound
    }

    enum Fold { case keep, drop, ascii(UInt8) }

    /// What becomes of the scalar that stands from `start` to `end` of the whole text. A dash between digits is one of a
    /// number; elsewhere it parts what stands around it, as `john@example.com—thanks`, and is none of a name's hyphens.
    static func fold(_ scalar: Unicode.Scalar, in text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Fold {
        switch scalar.value {
        case 0x2012...0x2015: isInNumber(text, start, end) ? .ascii(0x2D) : .keep
        default: fold(scalar)
        }
    }

    /// Whether the dash from `start` to `end` parts two groups of one number: with digits or a bracket on either side, and
    /// no row of them so long that it is a number by itself.
    private static func isInNumber(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var left = start - 1
        if left >= 0, text[left] == 0x20 { left -= 1 }
        var right = end
        if right < text.count, text[right] == 0x20 { right += 1 }
        guard left >= 0, right < text.count else { return false }
        guard isDigit(text, left) || text[left] == 0x29, isDigit(text, right) || text[right] == 0x28 else {
            return false
        }
        let isLongLeft = left >= 8 && (left - 8...left).allSatisfy { text[$0] &- 0x30 < 10 }
        let isLongRight = right + 8 < text.count && (right...right + 8).allSatisfy { text[$0] &- 0x30 < 10 }
        return !isLongLeft && !isLongRight
    }

    /// Whether the byte at a place is a digit of any script, or a part of one.
    private static func isDigit(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        if text[place] < 0x80 { return text[place] &- 0x30 < 10 }
        var start = place
        while start > 0, place - start < 3, text[start] & 0xC0 == 0x80 { start -= 1 }
        guard let (scalar, length) = scalar(text, start, text.count), start + length > place,
            case .ascii(let sign) = fold(scalar)
        else { return false }
        return sign &- 0x30 < 10
    }

    /// Whether nothing of a scalar is to be seen (Unicode 16, Default_Ignorable_Code_Point, and marks of direction).
    static func isUnseen(_ value: UInt32) -> Bool {
        switch value {
        case 0xAD, 0x34F, 0x61C, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F, 0x200B...0x200F, 0x202A...0x202E,
            0x2060...0x206F, 0x3164, 0xFE00...0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0...0xFFF8, 0x1BCA0...0x1BCA3,
            0x1D173...0x1D17A, 0xE0000...0xE0FFF:
            return true
        default: return false
        }
    }

    /// What becomes of a scalar wherever it stands.
    static func fold(_ scalar: Unicode.Scalar) -> Fold {
        switch scalar.value {
        case 0xFF01...0xFF5E: return .ascii(UInt8(scalar.value - 0xFEE0))
        case let value where isUnseen(value): return .drop
        // Marks over and under other signs; a digit with one is still read as that digit.
        case 0x300...0x36F, 0x483...0x489, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0x3099, 0x309A,
            0xFE20...0xFE2F:
            return .drop
        case 0x85, 0x2028, 0x2029: return .ascii(0x0A)
        case 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: return .ascii(0x20)
        case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63: return .ascii(0x2D)
        case 0x2024, 0xFE52: return .ascii(0x2E)
        case 0xFE6B: return .ascii(0x40)
        case 0xFE55: return .ascii(0x3A)
        case 0xFE62: return .ascii(0x2B)
        default: return digit(scalar.value).map { .ascii(0x30 + $0) } ?? .keep
        }
    }

    /// The value of a decimal digit of any script, or nil.
    private static func digit(_ value: UInt32) -> UInt8? {
        guard value < 0x20000, digits[Int(value >> 6)] >> UInt64(value & 63) & 1 == 1 else { return nil }
        // The rows do not overlap: the nearest zero is the row's.
        return zeros.last { $0 <= value }.map { UInt8(value - $0) }
    }

    /// The zeros of the scripts' digits (Unicode 16, general category Nd); the nine others follow each.
    static let zeros: [UInt32] = [
        0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
        0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
        0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0,
        0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50,
        0x11D50, 0x11DA0, 0x11DE0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8,
        0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0,
    ]

    /// One bit for each scalar below U+20000: whether it is a decimal digit.
    private static let digits: [UInt64] = {
        var digits = [UInt64](repeating: 0, count: 0x20000 >> 6)
        for zero in zeros { for value in zero..<zero + 10 { digits[Int(value >> 6)] |= 1 << UInt64(value & 63) } }
        return digits
    }()

    /// Bytes with which the UTF-8 of a scalar that is folded can begin.
    private static let leads: [Bool] = {
        var leads = [Bool](repeating: false, count: 256)
        for value in [0x80...0x1FFFF, 0xE0000...0xE0FFF as ClosedRange<UInt32>].joined() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if case .keep = fold(scalar) { continue }
            leads[Int(scalar.utf8.first ?? 0)] = true
        }
        return leads
    }()

    /// The scalar whose UTF-8 begins at a place, and its length; nil where it is not well-formed.
    static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ at: Int, _ end: Int) -> (Unicode.Scalar, Int)? {
        let lead = text[at]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0
        guard length > 0, at + length <= end else { return nil }
        var value = UInt32(lead & (0x7F >> UInt8(length)))
        for place in at + 1..<at + length {
            guard text[place] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(text[place] & 0x3F)
        }
        return Unicode.Scalar(value).map { ($0, length) }
    }
}
