import CompletenessCore
import Testing

/// Feed rows (nil: null) of one column in batches of `size`.
private func tally(_ values: [Bool], batches size: Int, from first: Int64 = 0) -> NullTally {
    var tally = NullTally(columns: ["c0"])
    var start = 0
    while start < values.count {
        let batch = Array(values[start..<min(start + size, values.count)])
        let base = first + Int64(start)
        tally.add(rows: batch.count)
        tally.add(
            column: 0, rowCount: batch.count, nullCount: batch.count(where: { $0 }), isNull: { batch[$0] },
            ordinal: { base + Int64($0) })
        start += batch.count
    }
    return tally
}

struct NullTallyTests {
    private let values = (0..<1000).map { $0 % 3 == 0 }

    @Test(arguments: [1, 2, 7, 64, 999, 5000])
    func `the tally does not depend on how rows are cut into batches`(size: Int) {
        #expect(tally(values, batches: size) == tally(values, batches: values.count))
    }

    @Test func `a null rate is nulls over rows, and the first hundred ordinals are kept`() {
        let found = tally(values, batches: 100)
        #expect(found.rows == 1000)
        #expect(found.columns[0].nulls == 334)
        #expect(found.columns[0].rate(of: found.rows) == 0.334)
        #expect(found.columns[0].ordinals == (0..<100).map { Int64($0 * 3) })
    }

    @Test func `merging parts in any order gives the tally of the whole`() {
        let parts = stride(from: 0, to: 1000, by: 125).map { start in
            tally(Array(values[start..<(start + 125)]), batches: 10, from: Int64(start))
        }
        for order in [Array(parts), Array(parts.reversed())] {
            var merged = NullTally(columns: ["c0"])
            for part in order {
                let isMerged = merged.merge(part)
                #expect(isMerged)
            }
            #expect(merged == tally(values, batches: 1000))
        }
    }

    @Test func `a tally of other columns is not merged`() {
        var one = NullTally(columns: ["c0"])
        let isMerged = one.merge(NullTally(columns: ["c1"]))
        #expect(!isMerged)
        #expect(one == NullTally(columns: ["c0"]))
    }

    @Test func `a state that contradicts itself is refused`() {
        #expect(NullTally(rows: 1, columns: [("c0", 2, [0, 1])]) == nil)
        #expect(NullTally(rows: 9, columns: [("c0", 2, [5, 1])]) == nil)
        #expect(NullTally(rows: 9, columns: [("c0", 2, [1])]) == nil)
        #expect(NullTally(rows: 9, columns: [("c0", 2, [1, 5])]) != nil)
    }

    @Test func `an empty table has a null rate of zero`() {
        #expect(NullTally(columns: ["c0"]).columns[0].rate(of: 0) == 0)
    }
}

struct NullRuleTests {
    @Test func `nulls are a finding only above the maximum in a column that must be filled`() {
        let rule = NullRule(maximumRate: 0.1)
        #expect(rule.reason(rate: 0.2, isNullable: false, isKey: false) == "NULL_RATE")
        #expect(rule.reason(rate: 0.2, isNullable: true, isKey: true) == "NULL_RATE")
        #expect(rule.reason(rate: 0.2, isNullable: true, isKey: false) == "INFO_NULL_RATE")
        #expect(rule.reason(rate: 0.1, isNullable: false, isKey: true) == "INFO_NULL_RATE")
    }
}
