import Foundations
import Testing

@testable import CommandLineCore

@Suite struct `The commands about policy` {
    @Test func `explain takes a role and an action in either order, and one of each at most`() {
        let world = World()
        for words in [["Viewer", "create_run"], ["create_run", "Viewer"]] {
            let outcome = world.run(["policy", "explain"] + words + ["--policy", "p.json"])
            #expect(outcome.status == 0 && world.service.calls.last == "explainPolicy Viewer create_run p.json")
            for part in [
                "Policy pm@1", "create_run  Viewer  deny", "rbac.create_run.Viewer", "https://a.example", "eu.",
            ] {
                #expect(outcome.out.contains(part), "\(outcome.out)")
            }
        }
        #expect(world.run("policy", "explain").status == 0 && world.service.calls.last == "explainPolicy - - -")
        for words in [["Viewer", "Admin"], ["create_run", "migrate"]] {
            #expect(world.run(["policy", "explain"] + words).status == 2)
        }
        let unknown = world.run("policy", "explain", "Root")
        #expect(unknown.status == 2 && world.run("policy", "explain", "--class", "shoe.size").status == 2)
    }

    @Test func `explain prints one document as JSON`() throws {
        let document = try World().run("policy", "explain", "--json").document()
        #expect(document?["cells"]?.arrayValue?.count == 1 && document?["policy_version"] == "pm@1")
    }

    @Test func `diff takes two manifests`() {
        let world = World()
        let outcome = world.run("policy", "diff", "a.json", "current")
        #expect(outcome.status == 0 && world.service.calls.last == "comparePolicies a.json current")
        for part in ["a → b", "No cell is decided otherwise.", "/users/bob", "Analyst"] {
            #expect(outcome.out.contains(part), "\(outcome.out)")
        }
        #expect(world.run("policy", "diff", "a.json").status == 2)
    }

    @Test func `test ends with 1 when an expectation does not hold, and with 2 without a file`() throws {
        let world = World()
        let path = "\(Files.folder(of: #filePath))/PolicyCommandTests.swift"
        #expect(world.run("policy", "test", path).status == 0)
        #expect(world.service.calls.last?.hasPrefix("testPolicy import Foundations") == true)
        world.service.isAllowed = false
        let failed = world.run("policy", "test", path)
        #expect(failed.status == 1)
        for part in ["line 3: Viewer create_run => allow", "rbac.create_run.Viewer", "1 hold, 1 do not"] {
            #expect(failed.out.contains(part), "\(failed.out)")
        }
        #expect(try world.run("policy", "test", path, "--json").document()?["failed"] == 1)
        #expect(world.run("policy", "test", "/nowhere/at/all").status == 2 && world.run("policy", "test").status == 2)
    }
}
