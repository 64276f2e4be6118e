import Contracts
import Foundations
import Glibc
import TestSupport
import Testing

@testable import Stages

@Suite struct `A registry` {
    private func copy(_ scene: Scene) throws -> String {
        let folder = scene.path("registry")
        let copied = try scene.run("/bin/cp", ["-r", Stage.repository + "/registry", folder])
        try #require(copied.status == 0)
        return folder
    }

    @Test func `has the default policy of version 1, and that of version 0 where it is older`() throws {
        let scene = try Scene()
        let folder = try copy(scene)
        #expect(try Registry(folder: folder).policy.version == "1.0.0")
        unlink(folder + "/policies/pm_default_v1.json")
        #expect(try Registry(folder: folder).policy.version == "0.1.0")
        unlink(folder + "/policies/pm_default_v0.json")
        let error = #expect(throws: SluiceError.self) { try Registry(folder: folder) }
        #expect(error?.detail == "policy.manifest" && error?.message.contains("pm_default_v1.json") == true)
    }

    @Test func `names its manifests by file and by version`() throws {
        let scene = try Scene()
        let registry = try Registry(folder: try copy(scene))
        #expect(try registry.policyNames() == ["pm_default_v0", "pm_default_v1"])
        #expect(try registry.policy(named: "0.1.0")?.version == "0.1.0")
        #expect(try registry.policy(named: "pm_default_v1") == registry.policy)
        #expect(try registry.policy(named: "9.9.9") == nil && registry.policy(named: "../secrets") == nil)
    }
}
