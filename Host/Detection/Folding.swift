/// A text in which signs that look like ASCII are ASCII, and those that nobody sees are gone.
///
/// Full-width forms, digits of other scripts, typographic dashes and blanks hide numbers from a reader of bytes but not
/// from a person (Unicode TR 36).
struct Folding {
    let bytes: [UInt8]
    /// For each folded byte the offset of its scalar in the original; one more for the end.
    private let origins: [Int32]

    /// Nil when there is nothing to fold, as in almost every text.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.contains(where: { Self.leads[Int($0)] }), text.count < Int(Int32.max) else { return nil }
        var folded: [UInt8] = []
        var origins: [Int32] = []
        folded.reserveCapacity(text.count)
        origins.reserveCapacity(text.count + 1)
        var isChanged = false
        var at = 0
        while at < text.count {
            let byte = text[at]
            guard byte >= 0x80, let (scalar, length) = Self.scalar(text, at) else {
                folded.append(byte)
                origins.append(Int32(at))
                at += 1
                continue
            }
            switch Self.fold(scalar) {
            case .keep:
                for place in at..<at + length {
                    folded.append(text[place])
                    origins.append(Int32(at))
                }
            case .drop: isChanged = true
            case .ascii(let sign):
                folded.append(sign)
                origins.append(Int32(at))
                isChanged = true
            }
            at += length
        }
        guard isChanged else { return nil }
        origins.append(Int32(text.count))
        bytes = folded
        self.origins = origins
    }

    /// A span of the folded text in the original. What was dropped behind its last sign is not part of it.
    func original(_ entity: Entity, in text: UnsafeBufferPointer<UInt8>) -> Entity {
        let last = Int(origins[entity.end - 1])
        var end = last + 1
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return Entity(
            type: entity.type, start: Int(origins[entity.start]), end: end, score: entity.score,
            evidence: entity.evidence)
    }

    private enum Fold { case keep, drop, ascii(UInt8) }

    private static func fold(_ scalar: Unicode.Scalar) -> Fold {
        switch scalar.value {
        case 0xFF01...0xFF5E: return .ascii(UInt8(scalar.value - 0xFEE0))
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF, 0xAD, 0x34F, 0x61C, 0x180E,
            0xFE00...0xFE0F:
            return .drop
        case 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: return .ascii(0x20)
        case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63: return .ascii(0x2D)
        case 0x2024, 0xFE52: return .ascii(0x2E)
        case 0xFE6B: return .ascii(0x40)
        case 0xFE55: return .ascii(0x3A)
        case 0xFE62: return .ascii(0x2B)
        default:
            guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else {
                return .keep
            }
            return .ascii(0x30 + UInt8(value))
        }
    }

    /// Bytes with which the UTF-8 of a scalar that is folded can begin.
    private static let leads: [Bool] = {
        var leads = [Bool](repeating: false, count: 256)
        for value: UInt32 in 0x80...0x1FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if case .keep = fold(scalar) { continue }
            leads[Int(scalar.utf8.first ?? 0)] = true
        }
        return leads
    }()

    private static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (Unicode.Scalar, Int)? {
        let lead = text[at]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0
        guard length > 0, at + length <= text.count else { return nil }
        var value = UInt32(lead & (0x7F >> UInt8(length)))
        for place in at + 1..<at + length {
            guard text[place] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(text[place] & 0x3F)
        }
        return Unicode.Scalar(value).map { ($0, length) }
    }
}
