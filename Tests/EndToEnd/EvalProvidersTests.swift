import Foundations
import TestSupport
import Testing

/// `sluice eval providers` with the plugins as they ship.
@Suite("Providers in situations", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct EvalProvidersTests {
    @Test("Every adapter comes to the expected outcome in every situation")
    func matrix() throws {
        let found = try Scene().sluice("eval", "providers", "--json", limit: 600)
        #expect(found.status == 0, "\(found.errText)")
        let metrics = found.json["metrics"]
        let unequal = (found.json["unequal"]?.arrayValue ?? []).prefix(10).map(\.canonicalText)
        #expect((metrics?["situations"]?.intValue ?? 0) >= 120)
        #expect(metrics?["missing_adapters"] == 0)
        #expect(metrics?["unequal_cells"] == 0, "\(unequal)")
    }
}
