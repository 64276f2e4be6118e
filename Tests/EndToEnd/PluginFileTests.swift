import Foundations
import TestSupport
import Testing

/// The plugins as files.
@Suite("Plugin files", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct PluginFileTests {
    @Test("Each plugin exports its entry point and nothing else")
    func oneSymbol() throws {
        let scene = try Scene()
        let folder = Stage.root + "/lib/sluice/plugins"
        let libraries = try Files.list(folder).filter { $0.hasSuffix(".so") }
        #expect(libraries.count == 10)
        for library in libraries {
            let listed = try scene.run(
                "/usr/bin/nm", ["-D", "--defined-only", "--format=just-symbols", "\(folder)/\(library)"])
            let symbols = listed.outText.split(separator: "\n")
            #expect(symbols == ["sluice_plugin_entry"], "\(library)")
        }
    }

    @Test("A plugin with one other byte is refused, and no plugin is started")
    func flippedByte() throws {
        let scene = try Scene()
        try scene.copyStage()
        try MainJobTests.target(scene)
        let wire = scene.path("wire")
        try Files.makeFolder(wire)
        scene.environment["SLUICE_RECORD_WIRE"] = wire
        let library = scene.stage + "/lib/sluice/plugins/libSluiceConnectorCSV.so"
        var bytes = try Files.read(library)
        bytes[bytes.count / 2] ^= 1
        try Files.writeAtomically(bytes, to: library)
        let run = try MainJobTests.migrate(scene)
        let error = run.json["error"]
        #expect(run.status == 4)
        #expect(error?["code"]?.stringValue == "POLICY_BLOCK" && error?["detail_id"]?.stringValue == "plugin.hash")
        let sent = Scene.files(below: wire).keys.filter { $0.contains("connector") }
        let rows = try scene.count("t.db", "customers")
        #expect(sent.isEmpty && rows == 0)
        try scene.restorePlugins()
        let id = try #require(run.json["run_id"]?.stringValue)
        #expect(try scene.sluice("resume", id, "--yes", "--json").status == 0)
    }
}
