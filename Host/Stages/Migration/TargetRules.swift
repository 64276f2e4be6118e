internal import Databases

/// What staged rows must keep of the target's rules beyond staging's own constraints, looked for without a change.
extension SQLiteTarget {
    /// Why rows leave staging after their chunk was written.
    static let withdrawalReasons = ["FOREIGN_KEY", "TARGET_CONFLICT"]

    /// A query that gives the ordinals of staged rows that break a rule.
    private struct Rule {
        let reason: String
        let query: String
    }

    /// A foreign key that the staged rows must keep.
    private struct Reference {
        let key: TargetTable.ForeignKey
        let isThere: Bool
        let isToItself: Bool

        var notNull: String {
            key.columns.map { "s.\(SQLText.identifier($0)) IS NOT NULL" }.joined(separator: " AND ")
        }

        /// That a row of this alias is a parent of `s`.
        func join(_ alias: String) -> String {
            zip(key.columns, key.parentColumns)
                .map { "\(alias).\(SQLText.identifier($1)) = s.\(SQLText.identifier($0))" }.joined(separator: " AND ")
        }

        /// That `s` refers to something which is not in a table.
        func isMissing(in table: String) -> String {
            "NOT EXISTS (SELECT 1 FROM \(SQLText.identifier(table)) p WHERE \(join("p")))"
        }

        /// That `s` has no parent among the rows that the target has.
        var conditions: [String] { isThere ? [notNull, isMissing(in: key.parent)] : [notNull] }
    }

    private func references() throws -> [Reference] {
        try shape.foreignKeys.compactMap { (key) throws -> Reference? in
            guard key.columns.count == key.parentColumns.count else { return nil }
            // A column that is not mapped has its default in staging as it will have in the table.
            guard key.columns.allSatisfy({ name in shape.columns.contains { $0.name == name } }) else { return nil }
            return Reference(
                key: key, isThere: try records.exists(key.parent),
                isToItself: key.parent.lowercased() == shape.name.lowercased())
        }
    }

    /// Rows without a parent in target and staging, and rows that have a unique value of another row of the target.
    private func rules(_ references: [Reference]) -> [Rule] {
        let staged = "SELECT s.\(Self.ordinal) FROM \(SQLText.identifier(stage)) s WHERE "
        let key = shape.key.map(\.name).filter { name in written.contains { $0.name == name } }
        let conflicts = shape.uniqueIndexes.map { index in
            let same = zip(Self.collated(index, prefix: "m."), index.columns)
                .map { "\($0) = s.\(SQLText.identifier($1))" }.joined(separator: " AND ")
            let itself = key.map { "m.\(SQLText.identifier($0)) = s.\(SQLText.identifier($0))" }
            let other = itself.isEmpty ? "" : " AND NOT (\(itself.joined(separator: " AND ")))"
            return Rule(
                reason: "TARGET_CONFLICT",
                query: staged + "EXISTS (SELECT 1 FROM \(SQLText.identifier(shape.name)) m WHERE \(same)\(other))")
        }
        return conflicts
            + references.map { reference in
                let conditions = reference.conditions + (reference.isToItself ? [reference.isMissing(in: stage)] : [])
                return Rule(reason: "FOREIGN_KEY", query: staged + conditions.joined(separator: " AND "))
            }
    }

    /// Whether any staged row breaks a rule; looks no further than the first.
    func breaksRules(checkForeignKeys: Bool) throws -> Bool {
        var isBroken = false
        for rule in rules(checkForeignKeys ? try references() : []) where !isBroken {
            try database.run("SELECT EXISTS (\(rule.query))") { isBroken = $0.int(0) == 1 }
        }
        return isBroken
    }

    /// Staged rows that would break a foreign key, or a unique index against rows that the target already has; with those
    /// that refer to a row that leaves, until no more do.
    ///
    /// Staging is read once for each rule, and once for each key by which the table refers to itself.
    ///
    /// - Parameter checkpoint: called between the readings and every few thousand rows; what it throws ends the search.
    func violations(
        checkForeignKeys: Bool, checkpoint: () throws -> Void = {}
    ) throws -> [(ordinal: Int64, reason: String)] {
        let references = checkForeignKeys ? try references() : []
        var found: [Int64: String] = [:]
        for rule in rules(references) {
            try checkpoint()
            try each(rule.query, checkpoint) { found[$0.int(0)] = rule.reason }
        }
        let own = references.filter(\.isToItself)
        if !found.isEmpty, !own.isEmpty {
            var cascade = OrphanCascade()
            for reference in own {
                // Staging's order is kept, so that all parents of a row come one after the other.
                let query = """
                    SELECT s.\(Self.ordinal), p.\(Self.ordinal) FROM \(SQLText.identifier(stage)) s
                    CROSS JOIN \(SQLText.identifier(stage)) p
                    WHERE \((reference.conditions + [reference.join("p")]).joined(separator: " AND "))
                    """
                var child: Int64?
                try checkpoint()
                try each(query, checkpoint) { row in
                    if row.int(0) == child {
                        cascade.add(parent: row.int(1))
                    } else {
                        cascade.add(child: row.int(0), parent: row.int(1))
                    }
                    child = row.int(0)
                }
            }
            for row in try cascade.followers(of: Set(found.keys), checkpoint: checkpoint) { found[row] = "FOREIGN_KEY" }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func each(_ query: String, _ checkpoint: () throws -> Void, row: (SQLiteStatement) -> Void) throws {
        let statement = try database.prepare(query, operation: "validate")
        var rows = 0
        while try statement.step("validate") {
            row(statement)
            rows += 1
            if rows.isMultiple(of: OrphanCascade.step) { try checkpoint() }
        }
    }
}
