import Contracts
import Foundations
import TestSupport
import Testing

@Suite struct `A threshold profile` {
    private func profile(_ checks: [String]) throws -> ThresholdProfile {
        let shipped = Stage.repository + "/registry/thresholds/tp_default_v1.json"
        var document = try JSONParser.parse(try Files.read(shipped)).objectValue ?? [:]
        document["migration"] = ["batch_size": 50_000, "validation_checks": JSON(checks)]
        return try ThresholdProfile(.object(document))
    }

    @Test func `names each validation check once`() throws {
        #expect(try profile(["row_count", "fk_check"]).validationChecks == ["row_count", "fk_check"])
        let twice = #expect(throws: SluiceError.self) { try profile(["row_count", "fk_check", "row_count"]) }
        #expect(twice?.detail == "registry.invalid" && twice?.message.contains("/migration/validation_checks") == true)
        let unknown = #expect(throws: SluiceError.self) { try profile(["row_count", "vibes"]) }
        #expect(unknown?.message.contains("vibes is not one of") == true)
    }
}
