import Columnar
import Foundations
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    /// Binaries in Tests/Golden/abi/plugins, which are never built again, through the whole host: manifest, hash,
    /// sandbox, frames. Tests/Runner/abi_tests.py asks them the rest.
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A plugin of another version of the ABI` {
        static let kept = Workshop.repository + "/Tests/Golden/abi/plugins"
        static let versions = ((try? Files.list(kept)) ?? []).filter { $0.allSatisfy { $0.isNumber || $0 == "." } }
            .sorted()
        static let isHere = versions.allSatisfy { version in
            Files.isDirectory("\(kept)/\(version)/\(PluginManifest.hostPlatform)")
        }
        static let notHere: Comment =
            "The kept plugins were built for linux-x86_64, and this is \(PluginManifest.hostPlatform)"

        let workshop: Workshop

        init() throws { workshop = try Workshop() }

        private func plugin(_ version: String, _ kind: PluginManifest.Kind) throws -> InstalledPlugin {
            let path = "\(Self.kept)/\(version)/\(PluginManifest.hostPlatform)/\(kind.rawValue).so"
            try Files.writeAtomically(try Files.read(path), to: "\(workshop.folder)/\(kind.rawValue).so")
            return try workshop.install(
                kind.rawValue, id: "golden.\(kind.rawValue)", kind: kind, wall: 5, companions: [], version: "0.1.0")
        }

        @Test func `is kept from the first version on`() {
            #expect(Self.versions.first == "0.1")
        }

        @Test(.enabled(if: isHere, notHere), arguments: versions)
        func `reads its source as a connector`(version: String) throws {
            let path = workshop.folder + "/lines.txt"
            try Files.writeAtomically(Array("one\n\nthree\n".utf8), to: path)
            let session = try ConnectorSession(
                try plugin(version, .connector), streams: [.file(path)], settings: workshop.settings,
                permit: permit(.readSourceMetadata))
            #expect(try session.inventory() == [""])
            #expect(try session.schema(table: "").schema.fields.map(\.name) == ["text", "bytes"])
            #expect(try session.split(table: "", parts: 2) == ["0"])
            var texts: [String?] = []
            let rows = try session.scan(table: "", batchRows: 2, permit: permit(.migrate)) {
                (batch) throws(SluiceError) in
                #expect(batch.schema.fields.map(\.name).suffix(3).first == "sluice.line")
                batch.columns[0].withView { view in texts += (0..<view.count).map { view.text($0) } }
            }
            #expect(rows == 3)
            #expect(texts == ["one", nil, "three"])
        }

        @Test(.enabled(if: isHere, notHere), arguments: versions)
        func `gives its verdict as a check`(version: String) throws {
            let session = try CheckSession(
                try plugin(version, .check), settings: workshop.settings, permit: permit(.callCheck))
            try session.begin(schema: maskedSchema, params: [:])
            try session.update(maskedBatch(["a", nil, "b"], from: 40))
            try session.update(maskedBatch([nil], from: 43))
            let verdict = try session.finish()
            #expect(verdict.rows == 4)
            #expect(verdict.findings.first?.value == 2)
            #expect(verdict.findings.first?.ordinals == [41, 43])
        }

        @Test(.enabled(if: isHere, notHere), arguments: versions)
        func `estimates tokens and embeds as a provider`(version: String) throws {
            let session = try ProviderSession(
                try plugin(version, .provider), settings: workshop.settings, permit: permit(.callProvider))
            #expect(try session.tokenEstimate(MaskedPrompt(masked: "nine byte")) == 3)
            #expect(try session.embed(["ab", "abc"].map { MaskedPrompt(masked: $0) }) == [[2, 0], [3, 1]])
            #expect(try session.health()["healthy"] == true)
            let error = failure { _ = try session.tokenEstimate(MaskedPrompt(masked: "x"), model: "none") }
            #expect(error?.code == .providerUnhealthy)
        }

        @Test func `is loaded when its headers are later than its manifest asks`() throws {
            let later = PluginManifest.hostABI.minor + 1
            let session = try ProviderSession(
                try workshop.plugin("echo_provider", kind: .provider, link: "-DFIXTURE_ABI_MINOR=\(later)"),
                settings: workshop.settings, permit: permit(.callProvider))
            #expect(try session.tokenEstimate(MaskedPrompt(masked: "twelve bytes")) == 3)
        }

        @Test func `is refused when its headers are older than its manifest asks`() throws {
            let plugin = try workshop.plugin("echo_provider", kind: .provider, link: "-DFIXTURE_ABI_MINOR=0")
            let error = failure {
                _ = try ProviderSession(plugin, settings: workshop.settings, permit: permit(.callProvider))
            }
            #expect(error?.detail == "plugin.load")
            #expect(error?.message.contains("it was built for ABI 0.0, not 0.1") == true, "\(error?.message ?? "")")
        }
    }
}
