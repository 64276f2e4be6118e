import Policy
import Testing

@Suite struct `Previews` {
    private static func counts(_ rows: [[String?]]) -> [[String?]: Int] {
        var counts: [[String?]: Int] = [:]
        for row in rows { counts[row, default: 0] += 1 }
        return counts
    }

    @Test func `show nothing that fewer than k rows have, whatever the rows`() {
        var state: UInt64 = 17
        func next(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(below))
        }
        let kinds: [KAnonymity.Column] = [.number, .word, .form, .number, .form]
        for trial in 0..<300 {
            let k = 2 + next(6)
            let columns = (0...next(5)).map { _ in kinds[next(5)] }
            let rows: [[String?]] = (0..<next(120)).map { _ in
                columns.map { kind in
                    if next(8) == 0 { return nil }
                    switch kind {
                    case .number: return next(3) == 0 ? "\(next(1000)).5" : next(20) == 0 ? "NaN" : "\(next(50))"
                    case .word: return ["SE", "NO", "t", ""][next(4)]
                    case .form:
                        return String(repeating: "a", count: next(4)) + ["Aaa Aaaa", "9-9", "aa@a.com"][next(3)]
                    }
                }
            }
            let shown = KAnonymity.suppress(rows, columns: columns, k: k)
            #expect(shown.rows.count == rows.count)
            for (row, count) in Self.counts(shown.rows) where count < k {
                #expect(row.allSatisfy { $0 == KAnonymity.hidden } && rows.count < k, "trial \(trial): \(row) \(count)")
            }
            // What is shown holds of the row: the value, a range around it, its outline, or nothing.
            for (was, now) in zip(rows, shown.rows) {
                for (place, kind) in columns.enumerated() {
                    let text = now[place] ?? ""
                    guard text != KAnonymity.hidden, now[place] != was[place] else { continue }
                    #expect(kind != .word && now[place] != nil, "trial \(trial)")
                    guard kind == .number else { continue }
                    let ends = text.split(separator: "…").compactMap { Double($0) }
                    let value = was[place].flatMap { Double($0) } ?? .nan
                    let holds = ends.count == 2 && ends[0] <= value && value <= ends[1]
                    #expect(holds, "trial \(trial)")
                }
            }
            #expect(KAnonymity.suppress(rows, columns: columns, k: k) == shown)
        }
    }

    @Test func `leave alone what many rows have, and cut where it costs least`() {
        let rows: [[String?]] = (0..<20).map { [$0 < 10 ? "SE" : "NO", "\($0 / 5)"] }
        let shown = KAnonymity.suppress(rows, columns: [.word, .number], k: 5)
        #expect(shown.rows == rows && shown.groups == 4 && shown.generalised == 0 && shown.suppressed == 0)
    }

    @Test func `show ranges, outlines and nothing in the place of what is rare`() {
        let rows: [[String?]] = [
            ["1", "Aaa Aaaa", "SE"], ["2", "Aa Aaaaaa", "SE"], ["3", "Aaaaa Aa", "NO"], ["9", "Aaa Aaa", "SE"],
            ["10", "Aaa", "DK"],
        ]
        let shown = KAnonymity.suppress(rows, columns: [.number, .form, .word], k: 5)
        #expect(shown.rows.allSatisfy { $0 == ["1…10", "(rare)", "(rare)"] })
        let four = KAnonymity.suppress(Array(rows.prefix(4)), columns: [.number, .form, .word], k: 4)
        #expect(four.rows.allSatisfy { $0 == ["1…9", "Aa Aa", "(rare)"] })
        #expect(four.generalised == 8 && four.suppressed == 4 && four.groups == 1)
    }

    @Test func `of fewer than k rows show how many there are, and no more`() {
        let shown = KAnonymity.suppress([["1", nil], ["1", nil]], columns: [.number, .word], k: 3)
        #expect(
            shown.rows == [["(rare)", "(rare)"], ["(rare)", "(rare)"]] && shown.groups == 0 && shown.suppressed == 4)
        #expect(KAnonymity.suppress([], columns: [.word], k: 5).rows.isEmpty)
        #expect(KAnonymity.suppress([["x"]], columns: [.word], k: 1).rows == [["x"]])
    }
}
