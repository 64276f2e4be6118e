/// Decides whether the first record names the columns; when in doubt it does.
struct HeaderDetector {
    /// Records behind the first that are looked at.
    private static let recordsSeen = 200

    private let splitter: RecordSplitter

    init(dialect: Dialect) { splitter = RecordSplitter(dialect: dialect) }

    /// Whether the first record of `text` is a header.
    ///
    /// A number or a date above a column of the same speaks against it, a word above such a column for it; a value
    /// that the first record repeats and that its column holds again speaks against it too.
    func hasHeader(_ text: UnsafeRawBufferPointer, isWhole: Bool) -> Bool {
        var records: [[RecordSplitter.Cell]] = []
        var at = 0
        while at < text.count, records.count <= HeaderDetector.recordsSeen,
            let record = splitter.record(in: text, at: at, isFinal: isWhole || records.isEmpty)
        {
            at = record.end
            if !record.isBlank { records.append(record.cells) }
        }
        guard let first = records.first else { return true }
        let kinds = first.map { kind($0, text) }
        if isSequence(first, kinds, text) { return true }
        let others = records.dropFirst().filter { $0.count == first.count }
        guard !others.isEmpty else {
            return !kinds.allSatisfy { $0 == .number || $0 == .moment || $0 == .empty }
        }
        var against = repeatsData(first, others, text)
        for column in first.indices {
            let below = others.map { kind($0[column], text) }.filter { $0 != .empty }
            guard let usual = usualKind(below) else { continue }
            switch kinds[column] {
            case .text, .doubtful: return true
            case .number, .moment: if kinds[column] == usual { against = true }
            case .empty, .address: continue
            }
        }
        return !against
    }

    private func kind(_ cell: RecordSplitter.Cell, _ text: UnsafeRawBufferPointer) -> CellKind {
        CellKind(UnsafeRawBufferPointer(rebasing: text[cell.content]), wasQuoted: cell.wasQuoted)
    }

    /// Number or moment, if four cells of five are that.
    private func usualKind(_ kinds: [CellKind]) -> CellKind? {
        for kind in [CellKind.number, .moment] {
            let count = kinds.count(where: { $0 == kind })
            if count > 0, count * 5 >= kinds.count * 4 { return kind }
        }
        return nil
    }

    /// Three or more numbers that count up by one are names of columns if they are years or stand beside words.
    private func isSequence(
        _ cells: [RecordSplitter.Cell], _ kinds: [CellKind], _ text: UnsafeRawBufferPointer
    ) -> Bool {
        let numbers = cells.indices.filter { kinds[$0] == .number }.map { index in
            Int(String(decoding: text[cells[index].content], as: UTF8.self))
        }
        guard numbers.count >= 3 else { return false }
        guard kinds.contains(.text) || numbers.allSatisfy({ $0.map { (1000..<3000).contains($0) } ?? false }) else {
            return false
        }
        return zip(numbers, numbers.dropFirst()).allSatisfy { pair in
            guard let first = pair.0, let second = pair.1 else { return false }
            return second == first + 1
        }
    }

    /// Whether the first record holds a value twice that also stands further down in the same column.
    private func repeatsData(
        _ first: [RecordSplitter.Cell], _ others: [[RecordSplitter.Cell]], _ text: UnsafeRawBufferPointer
    ) -> Bool {
        var columns: [[UInt8]: [Int]] = [:]
        for (index, cell) in first.enumerated() {
            if let value = splitter.value(cell, in: text) { columns[value, default: []].append(index) }
        }
        return columns.contains { value, places in
            places.count > 1
                && places.contains { place in others.contains { splitter.value($0[place], in: text) == value } }
        }
    }
}
