import Columnar
import Foundations
import Policy
import Testing

@testable import PluginHost

@Suite struct `A check's verdict` {
    private let declaration: CheckDeclaration
    private let bounds: VerdictBounds

    init() throws {
        declaration = try CheckDeclaration(
            Array(#"{"companions":["key"],"reason_codes":["DUPLICATE_KEY"],"metrics":["dup_key_rate"]}"#.utf8),
            companions: ["key", "shape"])
        var bounds = VerdictBounds(schema: maskedSchema)
        bounds.note(maskedBatch(["a", "b", nil], from: 10).batch)
        self.bounds = bounds
    }

    private func read(_ text: String) throws -> CheckVerdict {
        try CheckVerdict(Array(text.utf8), declaration: declaration, bounds: bounds)
    }

    private func finding(_ members: String) -> String {
        #"{"rows":3,"findings":[{"metric":"dup_key_rate","value":0.5"# + members + "}]}"
    }

    @Test func `of numbers, codes and ordinals passes`() throws {
        let verdict = try read(
            finding(#","count":2,"column":"c0","columns":["c0"],"reason_code":"DUPLICATE_KEY","ordinals":[10,12]"#))
        #expect(verdict.rows == 3)
        let finding = try #require(verdict.findings.first)
        #expect(finding.columns == ["c0"])
        #expect(finding.value == 0.5)
        #expect(finding.count == 2)
        #expect(finding.reasonCode == "DUPLICATE_KEY")
        #expect(finding.ordinals == [10, 12])
        #expect(try read(self.finding(#","column":null,"columns":[],"reason_code":null"#)).findings[0].columns == [])
    }

    @Test(arguments: [
        (#","note":"free text""#, "unknown key"),
        (#","column":"c7""#, "a column that there is not"),
        (#","column":"c0.key""#, "a column that there is not"),
        (#","column":"sluice.ordinal""#, "a column that there is not"),
        (#","column":1"#, "no column id"),
        (#","columns":["c0","c0"]"#, "no list of column ids"),
        (#","reason_code":"Ann Smith""#, "reason_code was not declared"),
        (#","ordinals":[9]"#, "not that of a row"),
        (#","ordinals":[13]"#, "not that of a row"),
        (#","ordinals":[11,11]"#, "do not ascend"),
        (#","ordinals":[12,11]"#, "do not ascend"),
        (#","ordinals":["Ann"]"#, "not that of a row"),
        (#","ordinals":[10.5]"#, "not that of a row"),
        (#","ordinals":"Ann""#, "no list"),
        (#","count":-1"#, "no count"),
        (#","count":"Ann""#, "no count"),
    ])
    func `with anything else is refused`(members: String, expected: String) {
        do {
            _ = try read(finding(members))
            Issue.record("it passed")
        } catch let fault as CheckVerdict.Fault { #expect(fault.reason.contains(expected), "\(fault.reason)") } catch {
            Issue.record("\(error)")
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"rows":3}"#, #"{"rows":2,"findings":[]}"#, #"{"rows":3.0,"findings":[]}"#,
        #"{"rows":3,"findings":{}}"#, #"{"rows":3,"findings":[7]}"#, #"{"rows":3,"findings":[],"Ann":1}"#,
        #"{"rows":3,"findings":[{"metric":"other","value":1}]}"#,
        #"{"rows":3,"findings":[{"metric":"dup_key_rate","value":"1"}]}"#,
        #"{"rows":3,"findings":[{"metric":"dup_key_rate","value":1e999}]}"#,
        #"{"rows":3,"findings":[{"metric":"dup_key_rate"}]}"#,
    ])
    func `that is malformed is refused`(text: String) {
        #expect(throws: CheckVerdict.Fault.self) { _ = try read(text) }
    }

    @Test func `has at most 100 ordinals and 1 MiB`() {
        let ordinals = Array(repeating: "10", count: 101).joined(separator: ",")
        #expect(throws: CheckVerdict.Fault.self) { _ = try read(finding(#","ordinals":[\#(ordinals)]"#)) }
        let padding = String(repeating: " ", count: CheckSession.verdictLimit)
        #expect(throws: CheckVerdict.Fault.self) { _ = try read(#"{"rows":3,"findings":[]}"# + padding) }
    }

    @Test(arguments: [
        "{}", #"{"companions":["bloom"],"reason_codes":[],"metrics":[]}"#,
        #"{"companions":[],"reason_codes":["lower"],"metrics":[]}"#,
        #"{"companions":[],"reason_codes":[],"metrics":["Upper"]}"#,
        #"{"companions":[],"reason_codes":["A","A"],"metrics":[]}"#,
        #"{"companions":[],"reason_codes":[1],"metrics":[]}"#,
        #"{"companions":[],"reason_codes":[],"metrics":[],"more":1}"#,
    ])
    func `is declared strictly`(text: String) {
        #expect(throws: CheckVerdict.Fault.self) {
            _ = try CheckDeclaration(Array(text.utf8), companions: ["key", "shape"])
        }
    }
}
