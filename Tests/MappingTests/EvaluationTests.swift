import Columnar
import Foundations
import Glibc
import Testing
import Transform

@testable import Stages

/// One-to-one F1 on scenarios with a known truth, when a folder of them is named by SLUICE_EVAL_DATA.
@Suite struct EvaluationTests {
    struct Pair: Hashable {
        let source: String
        let target: String
    }

    static let folder = getenv("SLUICE_EVAL_DATA").map { String(cString: $0) + "/schematch" }

    @Test(.enabled(if: folder != nil)) func printsTheFigure() throws {
        let folder = try #require(Self.folder)
        for readsValues in [true, false] {
            var sums: [(name: String, f1: [Double])] = []
            for set in ["DeNorm", "Pubs", "Sakila", "Valentine-Magellan", "Valentine-Wikidata"] {
                var figures: [Double] = []
                for scenario in try Self.entries("\(folder)/\(set)") {
                    let f1 = try Self.f1("\(folder)/\(set)/\(scenario)", readsValues: readsValues)
                    print("  \(set)/\(scenario): \(f1)")
                    figures.append(f1)
                }
                sums.append((set, figures))
            }
            print(readsValues ? "DATA MODE" : "METADATA ONLY")
            for (name, figures) in sums { print("\(name): \(figures.reduce(0, +) / Double(figures.count))") }
            let named = sums.filter { $0.name != "Pubs" }.flatMap(\.f1)
            print("ALL BUT Pubs: \(named.reduce(0, +) / Double(named.count))")
        }
    }

    private static func f1(_ scenario: String, readsValues: Bool) throws -> Double {
        let truth = try JSONParser.parse(try Files.read("\(scenario)/ground_truth.json", limit: 1 << 24), name: "truth")
        var wanted: [Pair: Set<Pair>] = [:]
        var order: [Pair] = []
        for entry in truth.arrayValue ?? [] {
            let tables = Pair(
                source: entry["source_table"]?.stringValue ?? "", target: entry["target_table"]?.stringValue ?? "")
            if wanted[tables] == nil { order.append(tables) }
            wanted[tables, default: []].insert(
                Pair(
                    source: entry["source_column"]?.stringValue ?? "", target: entry["target_column"]?.stringValue ?? ""
                ))
        }
        var (right, found, all) = (0, 0, 0)
        for tables in order {
            let pairs = try matches(scenario, tables, readsValues: readsValues)
            let wanted = wanted[tables] ?? []
            right += pairs.intersection(wanted).count
            found += pairs.count
            all += wanted.count
            if getenv("SLUICE_EVAL_MISSES") != nil {
                let extra = pairs.subtracting(wanted).map { "+\($0.source)→\($0.target)" }.sorted()
                let lost = wanted.subtracting(pairs).map { "-\($0.source)→\($0.target)" }.sorted()
                print("    \(tables.source)→\(tables.target): \((extra + lost).joined(separator: " "))")
            }
        }
        return found + all == 0 ? 0 : 2 * Double(right) / Double(found + all)
    }

    private static func matches(_ scenario: String, _ tables: Pair, readsValues: Bool) throws -> Set<Pair> {
        let source = try MappingFixture.csv(
            path: "\(scenario)/source/\(tables.source).csv", name: tables.source, limit: 200)
        let target = try MappingFixture.csv(
            path: "\(scenario)/target/\(tables.target).csv", name: tables.target, limit: 200)
        let batch = target.batch
        let columns = zip(target.header, batch.columns).map { name, column in
            let type = MappingFixture.profile(column).inferredType
            return TargetTable.Column(
                name: name, declaredType: type.name, type: type, isNotNull: false, hasDefault: false, keyPosition: 0)
        }
        let table = TargetTable(
            name: tables.target, columns: columns, foreignKeys: [], rowIDAlias: nil, uniqueIndexes: [],
            createdIndexes: [], isStrict: false,
            definition: "()")
        let input = try MappingFixture.input(source.batch, named: tables.source, to: table, readsValues: readsValues)
        return Set(
            ColumnMatcher(input).matches().map {
                Pair(source: input.sources[$0.source].name, target: target.header[$0.target])
            })
    }

    private static func entries(_ folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw SluiceError(.fileFailed, "no folder") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
