import Detection
import Foundations
import Testing

@testable import Evaluation

@Suite("Labelled columns")
struct ColumnTests {
    private func scene() throws -> Labelled {
        let labelled = try Labelled()
        try labelled.write(
            "truth.csv",
            """
            File,FieldOffset,Locale,RecordCount,FieldName,BaseType,SemanticType,Notes
            data/a.csv,0,en,3,id,Long,,
            data/a.csv,1,en,3,e mail,String,EMAIL,
            data/a.csv,2,en,3,suffix,String,NAME.SUFFIX,
            data/a.csv,3,en,3,born,LocalDate,PERSON.DATE_OF_BIRTH,
            data/a.csv,4,en,3,seen,LocalDate,PERSON.AGE,
            data/a.csv,5,en,3,flag,Boolean,"SIGNED,GROUPING",
            data/a.csv,6,en,3,blank,String,BLANK,
            data/b.csv,0,en,1,who,String,NAME.LAST,
            """)
        try labelled.write(
            "data/a.csv",
            "id,\"e mail\",suffix,born,seen,flag,blank\r\n1,a@b.example,Jr,1990-01-01,2020-01-01,1,\r\n"
                + "2,\"a \"\"x\"\", \nb\",,1990-01-02,,1,\r\n3,a@b.example,,,,,\r\n")
        try labelled.write("data/b.csv", "\u{FEFF}who\nMüller\n")
        return labelled
    }

    @Test func `A column is judged by name, values with counts, and neighbours`() throws {
        let labelled = try scene()
        var seen: [ColumnSample] = []
        _ = try labelled.evaluate(
            labelled.folder,
            judge: {
                seen.append($0)
                return nil
            })
        #expect(seen.map(\.header) == ["id", "e mail", "suffix", "born", "seen", "flag", "who"])
        let values = seen.map { $0.values.map { String(decoding: $0.bytes, as: UTF8.self) } }
        #expect(values[1] == ["a@b.example", "a \"x\", \nb"])
        #expect(seen[1].values.map(\.count) == [2, 1] && seen[1].cells == 3 && seen[1].place == 1)
        #expect(values[6] == ["Müller"] && seen[6].place == 0)
    }

    @Test func `Personal or not, by the rules of the set`() throws {
        let labelled = try scene()
        let errors = labelled.folder + "/errors.jsonl"
        // Wrong about id and who, right about mail and birth; a suffix is not personal; the set labels no card.
        let answers: [String: EntityType] = [
            "id": .person, "e mail": .email, "born": .dateOfBirth, "suffix": .creditCard, "flag": .usSSN,
        ]
        let report = try labelled.evaluate(labelled.folder, judge: { answers[$0.header] }, errors: errors)
        let columns = try #require(report.columns.first)
        #expect(columns.columns == 7)
        #expect(columns.personal == Figures(labelled: 3, found: 3, matched: 2))
        #expect(report.metrics["column_recall"]?.doubleValue == 2.0 / 3)
        let lines = String(decoding: try Files.read(errors), as: UTF8.self)
        #expect(
            lines == """
                {"column":0,"file":"data/a.csv","found":"PERSON","header":"id","kind":"unmatched","label":""}
                {"column":0,"file":"data/b.csv","found":null,"header":"who","kind":"missed","label":"NAME.LAST"}

                """)
    }

    @Test func `A table that is missing or short is named`() throws {
        let labelled = try scene()
        try labelled.write("data/b.csv", "")
        let short = #expect(throws: SluiceError.self) { try labelled.evaluate(labelled.folder, judge: { _ in nil }) }
        #expect(short?.message == "data/b.csv has fewer columns than truth.csv labels.")
        try labelled.write("truth.csv", "File,FieldOffset\n")
        let truth = #expect(throws: SluiceError.self) { try labelled.evaluate(labelled.folder, judge: { _ in nil }) }
        #expect(truth?.message == "truth.csv has no column BaseType.")
        try labelled.write("truth.csv", "File,FieldOffset,BaseType,SemanticType\n../x,0,String,\n")
        let outside = #expect(throws: SluiceError.self) { try labelled.evaluate(labelled.folder, judge: { _ in nil }) }
        #expect(outside?.message == "Record 2 of truth.csv is malformed.")
    }
}
