// Tests of the counting alone: no host, no plugin. Ends with a count, and with status 1 when one failed.
#if canImport(Glibc)
import Glibc
#endif

@main
struct LongTextTests {
    private var passed = 0
    private var failed = 0

    private mutating func expect(_ condition: Bool, _ what: String) {
        if condition {
            passed += 1
        } else {
            failed += 1
            print("FAILED  \(what)")
        }
    }

    /// Row r of column c has r % 7 + c scalars; the limit is 5.
    private func counted(_ rows: some Sequence<Int64>) -> LongText {
        var found = LongText(limit: 5, columns: 2)
        for row in rows {
            for column in 0..<2 { found.add(column: column, ordinal: row, length: row % 7 + Int64(column)) }
            found.addRows(1)
        }
        return found
    }

    private mutating func all() {
        let whole = counted(0..<1000)
        expect(
            whole.rows == 1000 && whole.columns[0].count == 142 && whole.columns[1].count == 285, "rows above the limit"
        )
        expect(
            whole.columns[0].ordinals.first == 6 && whole.columns[0].ordinals.last == 699
                && whole.columns[0].ordinals.count == LongText.mostOrdinals,
            "the first hundred rows are named, in order")

        // The more columns there are, the fewer rows of each are named, so that a verdict stays small.
        var wide = LongText(limit: 5, columns: 400)
        for row in 0..<1000 as Range<Int64> { wide.add(column: 0, ordinal: row, length: row % 7) }
        expect(
            wide.columns[0].count == 142 && wide.columns[0].ordinals.count == 50
                && wide.columns[0].ordinals.last == 349,
            "400 columns share the rows that are named")

        // Three instances with a third of the rows each, merged backwards, know what one with all of them knows.
        var merged = LongText(limit: 5, columns: 2)
        for part in [2, 1, 0] as [Int64] {
            let isTaken = merged.merge(counted(stride(from: part, to: 1000, by: 3)).state)
            expect(isTaken, "merge")
        }
        expect(merged == whole, "the parts together are the whole, in any order")

        // A state that is cut off, of other columns, of another limit, or of garbage is refused and changes nothing.
        let state = whole.state
        var isRefused = (0..<state.count).allSatisfy { !merged.merge(String(state.prefix($0))) }
        for wrong in ["", "\n", "long_text 2\n", state + "0\n", state.replacing("142 ", with: "99999 ")] {
            isRefused = isRefused && !merged.merge(wrong)
        }
        var wider = LongText(limit: 5, columns: 3)
        var other = LongText(limit: 6, columns: 2)
        isRefused = isRefused && !wider.merge(state) && !other.merge(state)
        expect(isRefused && merged == whole, "a damaged state is refused and changes nothing")
    }

    static func main() {
        var tests = LongTextTests()
        tests.all()
        print("\(tests.passed) passed, \(tests.failed) failed")
        exit(tests.failed > 0 ? 1 : 0)
    }
}
