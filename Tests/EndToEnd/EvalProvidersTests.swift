import Foundation
import Foundations
import TestSupport
import Testing

/// `sluice eval providers` with the plugins as they ship.
@Suite struct `Every provider in every situation` {
    private static func evaluated(_ arguments: [String]) throws -> JSON {
        let result = try Sluice.run(["eval", "providers", "--json"] + arguments)
        #expect(result.status == 0, "\(result.standardError)")
        return try JSONParser.parse(result.standardOutput)
    }

    @Test func `comes to the same outcome`() throws {
        let document = try Self.evaluated([])
        let metrics = document["metrics"]
        let unequal = document["unequal"]?.arrayValue ?? []
        #expect((metrics?["situations"]?.intValue ?? 0) >= 120)
        #expect(metrics?["missing_adapters"] == 0)
        #expect(metrics?["unequal_cells"] == 0, "\(unequal.prefix(10).map(\.canonicalText))")
    }
}
