import Columnar
import Databases
import Foundations
import Testing

@testable import Stages

@Suite struct `Rows that refer to a row that leaves` {
    private func followers(
        _ links: [(child: Int64, parent: Int64)], of leaving: Set<Int64>
    ) -> (rows: Set<Int64>, followed: Int) {
        var cascade = OrphanCascade()
        for link in links { cascade.add(child: link.child, parent: link.parent) }
        let found = cascade.followers(of: leaving) {}
        return (found, cascade.followed)
    }

    @Test func `leave as well, in whatever order they came, and each link is followed once`() {
        let length: Int64 = 20_000
        let forward = (1..<length).map { (child: $0, parent: $0 - 1) }
        for links in [forward, forward.reversed(), forward.shuffled()] {
            let found = followers(links, of: [0])
            #expect(found.rows == Set(1..<length))
            #expect(found.followed == links.count)
        }
        let none = followers(forward, of: [length - 1])
        #expect(none.rows.isEmpty && none.followed == 0)
    }

    @Test func `stay while one of the parents that a key refers to stays`() {
        var cascade = OrphanCascade()
        cascade.add(child: 3, parent: 1)
        cascade.add(parent: 2)
        var copy = cascade
        let one = cascade.followers(of: [1]) {}
        let both = copy.followers(of: [1, 2]) {}
        #expect(one == [] && both == [3])
    }

    @Test func `leave when one of their keys has no parent left, and a circle stays until it is broken`() {
        #expect(followers([(5, 1), (5, 2)], of: [2]).rows == [5])
        let circle: [(child: Int64, parent: Int64)] = [(1, 2), (2, 1), (3, 3), (4, 4)]
        #expect(followers(circle, of: [9]).rows == [])
        #expect(followers(circle, of: [2, 3]).rows == [1, 2, 3])
    }

    // MARK: In a target

    private static let fields: [(String, ColumnType)] = [("id", .int64), ("prev_id", .int64)]

    /// A chain of rows, the first of which refers to a row that is nowhere.
    private func chain(_ scratch: Scratch, _ length: Int64, descending: Bool) throws -> SQLiteTarget {
        let target = try scratch.target("t", ["id", "prev_id"])
        let keys = descending ? Array((1...length).reversed()) : Array(1...length)
        try target.put(0, batch(Self.fields, keys.map { [.int($0), .int($0 - 1)] }))
        return target
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `are found along a chain of 20,000 without reading staging for each link`(_ descending: Bool) throws {
        let length: Int64 = 20_000
        let scratch = try Scratch("CREATE TABLE t (id INTEGER PRIMARY KEY, prev_id INTEGER REFERENCES t)")
        let target = try chain(scratch, length, descending: descending)
        var checkpoints = 0
        let found = try target.violations(checkForeignKeys: true) { checkpoints += 1 }
        #expect(found.map(\.ordinal) == Array(0..<length))
        #expect(found.allSatisfy { $0.reason == "FOREIGN_KEY" })
        // One before each reading, and one every few thousand rows of each.
        #expect(checkpoints >= 4 && checkpoints <= 2 + 3 * Int(length) / OrphanCascade.step, "\(checkpoints)")
        try target.withdraw(found.map(\.ordinal), at: "now")
        #expect(try target.stagedRows() == 0 && !target.breaksRules(checkForeignKeys: true))
    }

    @Test func `are looked for no longer once somebody stops the run`() throws {
        struct Stop: Error {}
        let scratch = try Scratch("CREATE TABLE t (id INTEGER PRIMARY KEY, prev_id INTEGER REFERENCES t)")
        let target = try chain(scratch, 20_000, descending: false)
        var asked = 0
        _ = try target.violations(checkForeignKeys: true) { asked += 1 }
        for last in 1...asked {
            var count = 0
            #expect(throws: Stop.self) {
                _ = try target.violations(checkForeignKeys: true) {
                    count += 1
                    if count == last { throw Stop() }
                }
            }
            #expect(count == last)
        }
    }

    @Test func `leave by either of two keys, and with a row whose unique value the target has`() throws {
        let scratch = try Scratch(
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t, b INTEGER REFERENCES t (id), u TEXT UNIQUE);
            INSERT INTO t VALUES (1, NULL, NULL, 'taken')
            """)
        let target = try scratch.target("t", ["id", "a", "b", "u"])
        try target.put(
            0,
            batch(
                [("id", .int64), ("a", .int64), ("b", .int64), ("u", .text)],
                [
                    [10, nil, nil, "taken"], [11, 10, 1, nil], [12, 1, 11, nil], [13, 1, 1, nil], [14, 13, 12, nil],
                    [15, 13, 13, nil], [16, 17, nil, nil], [17, 16, nil, nil], [18, 18, 10, "taken"],
                ]))
        let found = try target.violations(checkForeignKeys: true)
        #expect(found.map(\.ordinal) == [0, 1, 2, 4])
        #expect(found.map(\.reason) == ["TARGET_CONFLICT", "FOREIGN_KEY", "FOREIGN_KEY", "FOREIGN_KEY"])
        #expect(try target.breaksRules(checkForeignKeys: false))
        #expect(try target.violations(checkForeignKeys: false).map(\.ordinal) == [0])
    }

    @Test func `are the same as those that rounds over all of staging find`() throws {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &random)
        var state = seed
        func next(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        for _ in 0..<20 {
            let scratch = try Scratch(
                """
                CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES t, b INTEGER REFERENCES t);
                INSERT INTO t VALUES (1000, NULL, NULL)
                """)
            let target = try scratch.target("t", ["id", "a", "b"])
            let rows = (0..<40 as Range<Int64>).map { id in
                (id, [next(3), next(3)].map { $0 == 0 ? nil : next(12) == 0 ? 1000 : Int64(next(44)) })
            }
            let fields: [(String, ColumnType)] = [("id", .int64), ("a", .int64), ("b", .int64)]
            try target.put(
                0, batch(fields, rows.map { row in [.int(row.0)] + row.1.map { $0.map(Value.int) ?? .null } }))
            var there = Set(rows.map(\.0)).union([1000])
            var before = -1
            while before != there.count {
                before = there.count
                for row in rows where !row.1.allSatisfy({ $0.map(there.contains) ?? true }) { there.remove(row.0) }
            }
            let gone = rows.map(\.0).filter { !there.contains($0) }
            #expect(try target.violations(checkForeignKeys: true).map(\.ordinal) == gone, "seed \(seed)")
        }
    }
}
