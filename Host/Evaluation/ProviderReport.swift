public import Conformance
public import Foundations

/// The matrix of `sluice eval providers`: situations by adapters.
public struct ProviderReport: Sendable {
    public enum Cell: Sendable, Equatable {
        /// This vendor's server cannot come into the situation, and why.
        case absent(String)
        case outcome(SituationOutcome)
    }

    public struct Row: Sendable {
        public let id: String
        public let about: String
        public let expected: SituationOutcome
        /// By column.
        public let cells: [String: Cell]

        /// The fields in which a column's outcome is not the expected one; empty when it is, or when there is none.
        public func differences(_ column: String) -> [String] {
            guard case .outcome(let outcome)? = cells[column] else { return [] }
            return outcome.differences(from: expected)
        }

        public var isEqual: Bool { cells.keys.allSatisfy { differences($0).isEmpty } }
    }

    /// In the order of the catalogue.
    public let columns: [String]
    /// Columns whose plugin is not installed.
    public let missing: [String]
    public let rows: [Row]

    /// What a column comes to.
    public struct Count: Sendable, Equatable {
        public var equal = 0
        public var unequal = 0
        public var absent = 0
    }

    public func count(_ column: String) -> Count {
        var count = Count()
        for row in rows {
            switch row.cells[column] {
            case .outcome where row.differences(column).isEmpty: count.equal += 1
            case .outcome: count.unequal += 1
            case .absent, nil: count.absent += 1
            }
        }
        return count
    }

    public var unequalCells: Int { columns.reduce(0) { $0 + count($1).unequal } }
    public var absentCells: Int { columns.reduce(0) { $0 + count($1).absent } }

    public var metrics: JSON {
        [
            "situations": JSON(rows.count), "adapters": JSON(columns.count), "missing_adapters": JSON(missing.count),
            "cells": JSON(rows.count * columns.count - absentCells), "unequal_cells": JSON(unequalCells),
            "unequal_situations": JSON(rows.filter { !$0.isEqual }.count), "absent_cells": JSON(absentCells),
        ]
    }

    /// `{"eval","metrics","adapters","missing","unequal","absent","versions"}`.
    public var json: JSON {
        var unequal: [JSON] = []
        var absent: [JSON] = []
        for row in rows {
            for column in columns {
                switch row.cells[column] {
                case .absent(let why):
                    absent.append(["situation": .string(row.id), "adapter": .string(column), "why": .string(why)])
                case .outcome(let outcome):
                    let different = row.differences(column)
                    guard !different.isEmpty else { continue }
                    unequal.append([
                        "situation": .string(row.id), "adapter": .string(column), "different": JSON(different),
                        "expected": row.expected.json, "found": outcome.json,
                    ])
                case nil: break
                }
            }
        }
        return [
            "eval": "providers", "metrics": metrics,
            "adapters": .array(
                columns.map { column in
                    let count = count(column)
                    return [
                        "adapter": .string(column), "equal": JSON(count.equal), "unequal": JSON(count.unequal),
                        "absent": JSON(count.absent),
                    ]
                }),
            "missing": JSON(missing), "unequal": .array(unequal), "absent": .array(absent),
            "versions": ["sluice": .string(Versions.sluice), "roadmap": .string(Versions.roadmap)],
        ]
    }
}
