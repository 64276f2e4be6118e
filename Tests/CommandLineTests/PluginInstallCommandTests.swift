import Foundations
import Supervisor
import Testing

@testable import CommandLineCore

@Suite struct `The commands for plugins` {
    @Test(arguments: [
        ("y", 0, "is installed and enabled"), ("yes", 0, "is installed"), ("n", 3, "Nothing was installed"),
        ("", 3, ""),
    ])
    func `install asks a person, and takes y for a yes`(word: String, status: Int32, says: String) {
        let world = World()
        world.typed = word
        let outcome = world.run("plugin", "install", "a.json", "--key", "k", "--allow-downgrade")
        #expect(outcome.status == status && outcome.out.contains(says), "\(outcome.out)")
        #expect(world.service.calls == ["install a.json false k true"])
        for part in ["acme.check", "signed by ed25519:00", "It reaches no network.", "Grant this and go on? [y/N]"] {
            #expect(outcome.err.contains(part), "\(part)")
        }
    }

    @Test func `install asks nobody without a terminal or with --json, and says how to go on`() throws {
        let world = World()
        let held = world.run("plugin", "install", "a b.json", "--home", "/h")
        #expect(held.status == 3 && held.out.contains("It reaches no network."))
        #expect(held.out.contains("Next: sluice plugin install 'a b.json' --yes --home /h"))
        world.typed = "y"
        let json = world.run("plugin", "install", "a.json", "--json")
        #expect(json.status == 3 && !json.err.contains("[y/N]"))
        let document = try #require(try json.document())
        #expect(document["status"] == "held" && document["words"] != nil)
        let granted = World().run("plugin", "install", "a.json", "--yes")
        #expect(granted.status == 0 && granted.err.isEmpty)
    }

    @Test func `verify ends with 4 when something differs, and names it`() {
        let world = World()
        #expect(world.run("plugin", "verify").status == 0)
        world.service.differ = 1
        let differs = world.run("plugin", "verify", "acme.check")
        #expect(differs.status == 4 && differs.out.contains("a.so: plugin.hash: It differs."))
        #expect(world.service.calls == ["verify -", "verify acme.check"])
    }

    @Test func `the others hand on what they are told`() {
        let world = World()
        let outcomes = [
            world.run("plugin", "enable", "acme.check"), world.run("plugin", "disable", "acme.check"),
            world.run("plugin", "remove", "acme.check"), world.run("plugin", "keys"),
            world.run("plugin", "trust", "k.pub", "--publisher", "acme"),
            world.run("plugin", "revoke", "k.pub", "--reason", "it got out"),
        ]
        #expect(outcomes.allSatisfy { $0.status == 0 })
        #expect(
            world.service.calls == [
                "set acme.check true", "set acme.check false", "remove acme.check", "keys", "trust k.pub acme",
                "revoke k.pub it got out",
            ])
        #expect(outcomes[5].out.contains("Refused from now on: acme.check."))
    }

    @Test(arguments: [
        (["plugin", "trust", "k"], "--publisher"), (["plugin", "revoke", "k"], "--reason"),
        (["plugin", "sign", "m"], "--key"), (["plugin", "keygen"], "--out"), (["plugin", "pack", "t"], "--out"),
    ])
    func `say what is missing`(arguments: [String], option: String) {
        let outcome = World().run(arguments)
        #expect(outcome.status == 2 && outcome.err.contains("\(option) is missing"))
    }

    @Test func `of an author open no home`() throws {
        let world = World()
        let folder = "/tmp/sluice-commands-\(Context.system.ulid())"
        try Files.makeFolder(folder)
        let made = world.run("plugin", "keygen", "--out", folder + "/own.key")
        #expect(made.status == 0 && made.out.contains("ed25519:"))
        let again = world.run("plugin", "keygen", "--out", folder + "/own.key")
        #expect(again.status == 1 && again.err.contains("key.file"))
        #expect(world.run("plugin", "sign", folder + "/none.json", "--key", folder + "/own.key").status == 1)
        #expect(world.run("plugin", "pack", folder + "/none.json", "--out", folder + "/out").status == 1)
        #expect(world.openedHomes.isEmpty)
    }
}
