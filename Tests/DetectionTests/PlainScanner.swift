@testable import Detection

/// The scanner's slow twin: it folds the whole text scalar by scalar, looks at every byte, and asks every recogniser.
enum PlainScanner {
    static func entities(in original: [UInt8]) -> [Entity] {
        let (bytes, origins) = folded(original)
        return bytes.withUnsafeBufferPointer { found(Text($0)) }.map { entity in
            let last = origins[entity.end - 1]
            var end = last + 1
            while original[last] >= 0xC0, end < original.count, original[end] & 0xC0 == 0x80 { end += 1 }
            return Entity(
                type: entity.type, start: origins[entity.start], end: end, score: entity.score,
                evidence: entity.evidence)
        }
    }

    private static func folded(_ bytes: [UInt8]) -> (bytes: [UInt8], origins: [Int]) {
        var folded: [UInt8] = []
        var origins: [Int] = []
        var at = 0
        while at < bytes.count {
            let found = bytes.withUnsafeBufferPointer { Folding.scalar($0, at, bytes.count) }
            guard bytes[at] >= 0x80, let (scalar, length) = found else {
                folded.append(bytes[at])
                origins.append(at)
                at += 1
                continue
            }
            let fold = bytes.withUnsafeBufferPointer { Folding.fold(scalar, in: $0, at, at + length) }
            switch fold {
            case .keep:
                folded += bytes[at..<at + length]
                origins += at..<at + length
            case .drop: break
            case .ascii(let sign):
                folded.append(sign)
                origins.append(at)
            }
            at += length
        }
        return (folded, origins)
    }

    private static func found(_ text: Text) -> [Entity] {
        var found: [Entity] = []
        var at = 0
        while at < text.count {
            var next = at + 1
            var entity: Entity?
            switch text[at] {
            case 0x40: entity = Written.email(text, at: at)
            case 0x3A: entity = Written.colons(text, at: at) ?? Forms.assignment(text, at: at)
            case 0x3D: entity = Forms.assignment(text, at: at)
            case 0x30...0x39:
                let run = NumberRun(text, at: at)
                next = run.groups[0].end
                entity =
                    Forms.digit(text, at: at) ?? Written.iban(text, at: at) ?? NationalToken.entity(text, at: at)
                    ?? whole(run, text)
            default: break
            }
            if let entity {
                keep(entity, in: &found)
                if entity.type == .iban, let code = Accounts.code(text, beside: entity) { keep(code, in: &found) }
                next = max(next, entity.end)
            }
            at = next
        }
        return found.filter { $0.score >= Scanner.threshold }
    }

    private static func whole(_ run: NumberRun, _ text: Text) -> Entity? {
        if let entity = Numbers.entity(run, in: text) { return entity }
        guard run.groups.count > 1, !Numbers.isDate(run, text) else { return nil }
        for count in (1..<run.groups.count).reversed()
        where run.groups[count].separator == 0x20 && run.groups[count - 1].end - run.start >= 7 {
            if let entity = Numbers.entity(run.prefix(count), in: text) { return entity }
        }
        return nil
    }

    private static func keep(_ entity: Entity, in found: inout [Entity]) {
        while let last = found.last, last.end > entity.start {
            let isBetter = entity.score != last.score ? entity.score > last.score : entity.count > last.count
            guard isBetter else { return }
            found.removeLast()
        }
        found.append(entity)
    }
}
