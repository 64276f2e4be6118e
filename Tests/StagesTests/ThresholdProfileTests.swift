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

    private func profile(plugins: JSON) throws -> ThresholdProfile {
        let shipped = Stage.repository + "/registry/thresholds/tp_default_v1.json"
        var document = try JSONParser.parse(try Files.read(shipped)).objectValue ?? [:]
        document["plugins"] = plugins
        return try ThresholdProfile(.object(document))
    }

    @Test func `may bound the metrics of plugins`() throws {
        let bounded = try profile(plugins: ["acme.iban": ["bad_iban_rate": 0.01, "count": 3], "b.c": [:]])
        #expect(bounded.pluginMaxima == ["acme.iban": ["bad_iban_rate": 0.01, "count": 3]])
        #expect(try profile(["row_count"]).pluginMaxima.isEmpty)
        let wrong: [(JSON, String)] = [
            (["Acme": ["a": 1]], "/plugins/Acme: is not the id of a plugin"),
            (["acme": ["A-B": 1]], "/plugins/acme/A-B: is not the name of a metric"),
            (["acme": ["a": "1"]], "/plugins/acme/a: a number"), (["acme": 1], "/plugins/acme: an object is expected"),
            ([], "/plugins: an object is expected"),
        ]
        for (plugins, expected) in wrong {
            let error = #expect(throws: SluiceError.self) { try profile(plugins: plugins) }
            #expect(error?.detail == "registry.invalid")
            #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        }
    }
}
