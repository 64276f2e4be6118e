/// Finds what identifies somebody in one text, in one pass over its bytes.
public struct Scanner: Sendable {
    /// What is surer than this is reported.
    public static let threshold = 0.45

    public init() {}

    /// The entities of a text in order, without overlaps: of two that overlap the surer one stays, then the longer.
    ///
    /// Linear in the text's length: every recogniser looks at a bounded stretch around what called it.
    public func entities(in text: some Sequence<UInt8>) -> [Entity] {
        if let found = text.withContiguousStorageIfAvailable({ folded($0) }) { return found }
        return Array(text).withUnsafeBufferPointer { folded($0) }
    }

    private func folded(_ bytes: UnsafeBufferPointer<UInt8>) -> [Entity] {
        guard let folding = Folding(bytes) else { return scan(Text(bytes)) }
        return folding.bytes.withUnsafeBufferPointer { scan(Text($0)) }.map { folding.original($0, in: bytes) }
    }

    private func scan(_ text: Text) -> [Entity] {
        var found: [Entity] = []
        var at = text.nextTrigger(from: 0)
        while at < text.count {
            let byte = text[at]
            var next = at + 1
            switch byte {
            case 0x40:
                if let entity = Written.email(text, at: at) {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                }
            case 0x3A:
                if text.isHexadecimal(at + 1) || text.at(at + 1) == 0x3A,
                    let entity = Written.colons(text, at: at)
                {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                } else if let entity = Forms.assignment(text, at: at) {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                }
            case 0x3D:
                if let entity = Forms.assignment(text, at: at) {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                }
            default:
                if let entity = Written.iban(text, at: at) {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                    if let code = Accounts.code(text, beside: entity) { keep(code, in: &found) }
                } else if let entity = Forms.digit(text, at: at) {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                } else if let entity = NationalToken.entity(text, at: at) {
                    keep(entity, in: &found)
                    next = max(next, entity.end)
                } else {
                    let run = NumberRun(text, at: at)
                    next = max(next, run.groups[0].end)
                    if let entity = whole(run, text) {
                        keep(entity, in: &found)
                        next = max(next, entity.end)
                    }
                }
            }
            at = text.nextTrigger(from: next)
        }
        return found.filter { $0.score >= Self.threshold }
    }

    /// The run, or a beginning of it: a number and a year, or two numbers with a blank between them.
    private func whole(_ run: NumberRun, _ text: Text) -> Entity? {
        if let entity = Numbers.entity(run, in: text) { return entity }
        guard run.groups.count > 1, !Numbers.isDate(run, text) else { return nil }
        for count in (1..<run.groups.count).reversed()
        where run.groups[count].separator == 0x20 && run.groups[count - 1].end - run.start >= 7 {
            if let entity = Numbers.entity(run.prefix(count), in: text) { return entity }
        }
        return nil
    }

    private func keep(_ entity: Entity, in found: inout [Entity]) {
        while let last = found.last, last.end > entity.start {
            let isBetter = entity.score != last.score ? entity.score > last.score : entity.count > last.count
            guard isBetter else { return }
            found.removeLast()
        }
        found.append(entity)
    }
}
