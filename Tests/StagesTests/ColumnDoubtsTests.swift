import Columnar
import Foundations
import Testing
import Transform

@testable import Stages

/// Values that a plan could read wrongly are put before a person.
@Suite struct `A doubt about a column` {
    private func profile(_ values: [String]) -> ColumnProfile {
        var builder = ColumnBuilder(.text)
        for value in values { builder.append(text: value) }
        var profiler = ColumnProfiler(.text)
        profiler.add(builder.finish())
        return profiler.finish()
    }

    private func doubt(_ values: [String], declared: String) throws -> String? {
        let table = TargetTable(
            name: "things",
            columns: [
                TargetTable.Column(
                    name: "serial", declaredType: declared, type: TargetTable.type(declared: declared),
                    isNotNull: false, hasDefault: false, keyPosition: 0)
            ],
            foreignKeys: [], rowIDAlias: nil, uniqueIndexes: [], createdIndexes: [], isStrict: false, definition: "()")
        let input = MappingInput(
            sourceName: "things", sources: [SourceColumn(name: "serial", type: .text, profile: profile(values))],
            table: table, targets: table.columns.map { TargetColumn(column: $0) })
        let proposals = try PipelineProposer(input).proposals()
        return try #require(proposals.first).doubt
    }

    /// Of 1000 dates 960 can be read both ways, 21 with the month first alone, 19 with the day first alone.
    private static let mixed = (0..<1000).map { row in
        let day = 1 + row % 12
        let month = 1 + row / 12 % 12
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch row % 50 {
        case 7: return "\(two(month))/\(13 + row % 15)/2024"
        case 31 where row > 40: return "\(13 + row % 15)/\(two(month))/2024"
        case 32 where row == 32: return "\(two(month))/25/2024"
        default: return "\(two(day))/\(two(month))/2024"
        }
    }

    @Test func `is raised when dates of both orders are mixed`() throws {
        let made = profile(Self.mixed)
        #expect(made.formFits["MM/dd/yyyy"] == 981 && made.formFits["dd/MM/yyyy"] == 979)
        let forms = try #require(DateForms.choose(made, for: .date))
        #expect(forms.isAmbiguous)
        let said = try doubt(Self.mixed, declared: "DATE")
        #expect(said?.contains("day or the month") == true)
    }

    @Test func `is not raised when every date tells its order`() throws {
        let clear = (13...28).map { "01/\($0)/2024" }
        #expect(try #require(DateForms.choose(profile(clear), for: .date)).isAmbiguous == false)
        let said = try doubt(clear, declared: "DATE")
        #expect(said == nil)
    }

    @Test(arguments: ["INTEGER", "REAL"])
    func `is raised when numbers would lose their leading zeros`(_ declared: String) throws {
        let codes = (0..<50).map { "00\(501 + $0)" }
        let said = try doubt(codes, declared: declared)
        #expect(said?.contains("begin with zeros lose them") == true)
        // One in fifty is enough.
        let few = (0..<49).map { "\(501 + $0)" } + ["0042"]
        #expect(try doubt(few, declared: declared) != nil)
        #expect(try doubt((0..<50).map { "\(501 + $0)" }, declared: declared) == nil)
        #expect(try doubt(codes, declared: "TEXT") == nil)
    }
}
