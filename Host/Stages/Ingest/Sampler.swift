internal import Columnar
internal import Foundations
internal import Transform

/// Draws the same rows from the same source every time: a fixed seed, a priority per ordinal, strata, caps.
///
/// While the source streams by, the rows of lowest priority are kept as candidates; at the end they are divided into
/// strata and every stratum gets its share (ROADMAP §§9, 41).
struct Sampler {
    static let seed: UInt64 = 42
    /// Candidates kept for each row of the cap.
    static let oversampling = 4

    private let rowsMax: Int
    private let bytesMax: Int64
    private var batches: [Batch] = []
    private var ordinals: [Int64] = []
    private var kept = 0
    /// Rows above it cannot be among the candidates any more.
    private var ceiling = UInt64.max

    init(rowsMax: Int64, bytesMax: Int64) {
        self.rowsMax = Int(min(rowsMax, 1 << 22))
        self.bytesMax = bytesMax
    }

    /// splitmix64 of seed and ordinal.
    static func priority(_ ordinal: Int64) -> UInt64 {
        var z = seed &+ UInt64(bitPattern: ordinal) &* 0x9E37_79B9_7F4A_7C15 &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Looks at a batch. Rows that the connector rejected are not sampled.
    mutating func add(_ batch: Batch, skipping rejected: Set<Int>) {
        var rows: [Int] = []
        for row in 0..<batch.rowCount where !rejected.contains(row) {
            if Self.priority(batch.firstOrdinal + Int64(row)) <= ceiling { rows.append(row) }
        }
        guard !rows.isEmpty else { return }
        batches.append(batch.gather(rows))
        ordinals.append(contentsOf: rows.map { batch.firstOrdinal + Int64($0) })
        kept += rows.count
        if kept > rowsMax * Self.oversampling * 2 { compact(to: rowsMax * Self.oversampling) }
    }

    private mutating func compact(to count: Int) {
        guard kept > count, let schema = batches.first?.schema else { return }
        let all = Batch.concatenate(batches, schema: schema)
        let best = ordinals.indices.sorted { Self.priority(ordinals[$0]) < Self.priority(ordinals[$1]) }.prefix(count)
            .sorted()
        ceiling = best.map { Self.priority(ordinals[$0]) }.max() ?? .max
        batches = [all.gather(best)]
        ordinals = best.map { ordinals[$0] }
        kept = best.count
    }

    /// The rows drawn, in source order.
    mutating func finish(schema: Schema, profiles: [ColumnProfile]) -> RawSample {
        compact(to: max(rowsMax * Self.oversampling, 1))
        let candidates = Batch.concatenate(batches, schema: schema)
        let (column, strata) = Self.strata(candidates, profiles: profiles)
        var chosen: [Int] = []
        let quotas = Self.quotas(strata.mapValues(\.count), rows: min(rowsMax, candidates.rowCount))
        for (name, rows) in strata {
            let best = rows.sorted { Self.priority(ordinals[$0]) < Self.priority(ordinals[$1]) }
            chosen.append(contentsOf: best.prefix(quotas[name] ?? 0))
        }
        // The byte cap takes away rows of the highest priority number first.
        chosen.sort { Self.priority(ordinals[$0]) < Self.priority(ordinals[$1]) }
        let perRow = Int64(candidates.byteCount / max(1, candidates.rowCount))
        if perRow > 0 { chosen = Array(chosen.prefix(Int(max(1, bytesMax / perRow)))) }
        chosen.sort()
        return RawSample(
            batch: candidates.gather(chosen), ordinals: chosen.map { ordinals[$0] },
            stratumColumn: column.map { schema.fields[$0].name }, strataCount: strata.count)
    }

    /// Strata by year of the first date column, else by the value of a column of few values, else one.
    private static func strata(_ batch: Batch, profiles: [ColumnProfile]) -> (column: Int?, rows: [String: [Int]]) {
        let dated = profiles.firstIndex {
            ($0.inferredType == .date || $0.inferredType == .timestamp) && !$0.isConstant
        }
        let listed = profiles.firstIndex {
            $0.distinctIsExact && (2...50).contains($0.distinct) && $0.inferredType == .text
        }
        guard let place = dated ?? listed else { return (nil, ["": Array(0..<batch.rowCount)]) }
        var rows: [String: [Int]] = [:]
        batch.columns[place].withView { view in
            var text: [UInt8] = []
            for row in 0..<view.count {
                text.removeAll(keepingCapacity: true)
                if view.isValid(row) { ValueText.write(view, row: row, into: &text) }
                let name = dated != nil ? year(text) : String(decoding: text, as: UTF8.self)
                rows[name, default: []].append(row)
            }
        }
        return (place, rows)
    }

    /// The first four digits in a row.
    private static func year(_ text: [UInt8]) -> String {
        var digits: [UInt8] = []
        for byte in text {
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                digits.append(byte)
                if digits.count == 4 { return String(decoding: digits, as: UTF8.self) }
            } else {
                digits.removeAll()
            }
        }
        return ""
    }

    /// Rows for each stratum in proportion, largest remainders first; ties by name.
    static func quotas(_ sizes: [String: Int], rows: Int) -> [String: Int] {
        let total = sizes.values.reduce(0, +)
        guard total > 0 else { return [:] }
        var quotas: [String: Int] = [:]
        var remainders: [(name: String, remainder: Int)] = []
        for (name, size) in sizes {
            quotas[name] = size * rows / total
            remainders.append((name, size * rows % total))
        }
        var left = rows - quotas.values.reduce(0, +)
        for entry in remainders.sorted(by: { ($1.remainder, $0.name) < ($0.remainder, $1.name) }) where left > 0 {
            quotas[entry.name, default: 0] += 1
            left -= 1
        }
        return quotas
    }
}

/// Raw rows of the sample. Lives in the host only; what leaves is the masked Sample Pack.
struct RawSample {
    let batch: Batch
    let ordinals: [Int64]
    let stratumColumn: String?
    let strataCount: Int
}
