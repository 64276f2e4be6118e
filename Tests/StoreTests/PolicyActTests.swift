import Contracts
import Databases
import Foundations
import Glibc
import Policy
import Testing

@testable import Store

/// A manifest of the fixture's form with another version and something to tell it by.
func makePolicy(_ version: String, rows: Int64 = 1) throws -> PolicyManifest {
    let roles = Role.allCases.map(\.rawValue)
    return try PolicyManifest([
        "policy_id": "p", "policy_version": .string(version), "capabilities": ["metadata_only": [:], "data_mode": [:]],
        "roles": JSON(roles), "rbac": .object(Dictionary(uniqueKeysWithValues: roles.map { ($0, JSON([String]())) })),
        "users": [:], "providers": ["allow": [], "deny": []], "egress": ["default": "deny", "allow": []],
        "masking": ["default": "mask", "open_types": [], "listed_codes_max_distinct": 1, "integer_digits_max": 9],
        "sample_caps": ["rows_max": .int(rows), "bytes_max": 1],
        "budget_caps": ["tokens": 0, "usd": 0, "wall_time_s": 1], "isolation": ["minimum": []],
        "local_only_override": ["roles": []],
    ])
}

extension StoreDatabase {
    @discardableResult
    func edit(_ version: String, after number: Int64, _ kind: PolicyAct.Kind = .edited) throws -> PolicyAct {
        try recordPolicy(
            PolicyChange(
                kind, to: makePolicy(version), previous: "before", details: ["reason": "é \u{1F600}", "diff": []]),
            after: number, role: .maintainer, permit: permit(.editPolicyManifest))
    }
}

@Suite struct `Acts on the policy` {
    @Test func `come back as they were, and the file has the last`() throws {
        try withStore { store in
            let shipped = try makePolicy("0.9.0")
            #expect(try store.policyHistory().isEmpty)
            var none: [PolicyAct] = []
            #expect(try store.settlePolicy(&none, shipped: shipped) == nil)
            var acts = [try store.edit("1.0.0", after: 0), try store.edit("1.1.0", after: 1, .reverted)]
            #expect(try store.policyHistory() == acts)
            #expect(acts.map(\.number) == [1, 2] && acts[0].actor == "ann" && acts[1].kind == .reverted)
            let file = try JSONParser.parse(try Files.read(store.home.policyPath))
            #expect(file == acts[1].manifest)
            #expect(try store.settlePolicy(&acts, shipped: shipped) == nil)
            let other = try StoreDatabase(home: store.home, context: .system)
            #expect(try other.policyHistory() == acts)
        }
    }

    @Test func `need the right, and the version that they were made from`() throws {
        try withStore { store in
            let change = PolicyChange(.edited, to: try makePolicy("1.0.0"), previous: "", details: [:])
            let wrong = try permit(.manageProviderRegistry)
            expectFailure("policy.denied") { try store.recordPolicy(change, after: 0, role: .admin, permit: wrong) }
            try store.edit("1.0.0", after: 0)
            expectFailure("policy.version", "Somebody else") { try store.edit("1.1.0", after: 0) }
            #expect(try store.policyHistory().count == 1)
        }
    }

    /// What is done to the database, and the words with which it is found.
    static let attacks: [(sql: String, words: String)] = [
        ("UPDATE policy_acts SET actor = 'eve' WHERE seq = 2", "act 2 on the policy"),
        ("UPDATE policy_acts SET manifest = '{}' WHERE seq = 1", "act 1 on the policy"),
        ("UPDATE policy_acts SET details = '{}' WHERE seq = 3", "act 3 on the policy"),
        ("UPDATE policy_acts SET role = 'Admin' WHERE seq = 1", "act 1 on the policy"),
        ("UPDATE policy_acts SET mac = x'00' WHERE seq = 3", "act 3 on the policy"),
        ("DELETE FROM policy_acts WHERE seq = 2", "act 2 on the policy"),
        ("DELETE FROM policy_acts WHERE seq = 3", "an earlier copy was put back"),
        ("DELETE FROM policy_acts", "an earlier copy was put back"),
        (
            """
            INSERT INTO policy_acts SELECT 4, act, policy_version, reference, previous, manifest, details, 'eve', role,
              timestamp_utc, hash, hash, mac FROM policy_acts WHERE seq = 3
            """, "act 4 on the policy"
        ),
    ]

    @Test(arguments: attacks.indices)
    func `that were touched are found, and nothing is added to them`(_ place: Int) throws {
        let (sql, words) = Self.attacks[place]
        try withStore { store in
            for number in 0..<3 { try store.edit("1.\(number).0", after: Int64(number)) }
            for trigger in ["no_update", "no_delete", "next"] {
                try store.change("DROP TRIGGER policy_acts_\(trigger)")
            }
            try store.change(sql)
            expectFailure("store.ledger", words) { try store.policyHistory() }
            expectFailure("store.ledger", words) { try store.edit("2.0.0", after: 3) }
        }
    }

    @Test func `are appended to and nothing else`() throws {
        try withStore { store in
            try store.edit("1.0.0", after: 0)
            for sql in [
                "UPDATE policy_acts SET actor = 'eve'", "DELETE FROM policy_acts",
                "INSERT OR REPLACE INTO policy_acts SELECT * FROM policy_acts",
            ] { expectFailure("store.ledger", "append-only") { try store.change(sql) } }
        }
    }

    @Test func `are missed when an earlier copy of the database is put back`() throws {
        try withFolder { folder in
            let home = try Home(path: folder + "/home", context: .system)
            do {
                let store = try StoreDatabase(home: home, context: .system)
                try store.edit("1.0.0", after: 0)
                try store.change("PRAGMA wal_checkpoint(TRUNCATE)")
            }
            let copy = try Files.read(home.databasePath)
            do {
                let store = try StoreDatabase(home: home, context: .system)
                try store.edit("1.1.0", after: 1)
            }
            for end in ["-wal", "-shm"] { unlink(home.databasePath + end) }
            try Files.writeAtomically(copy, to: home.databasePath)
            let store = try StoreDatabase(home: home, context: .system)
            expectFailure("store.ledger", "an earlier copy was put back") { try store.policyHistory() }
            try Files.writeAtomically(Array("1 a b\n".utf8), to: home.keysFolder + "/policy-acts")
            expectFailure("store.ledger", "malformed") { try store.policyHistory() }
        }
    }

    @Test func `show a file that nobody recorded, and mend one that was cut off`() throws {
        try withStore { store in
            let shipped = try makePolicy("0.9.0")
            let path = store.home.policyPath
            func put(_ text: String) throws { try Files.writeAtomically(Array(text.utf8), to: path) }
            func settled() throws -> Bool {
                var history = try store.policyHistory()
                return try store.settlePolicy(&history, shipped: shipped) == nil
            }
            // Before the first act there is none, or the one that ships.
            try Files.makeFolder(Files.folder(of: path))
            try put("not JSON")
            #expect(try !settled())
            try put(try makePolicy("9.9.9").json.canonicalText)
            #expect(try !settled())
            try put(shipped.json.canonicalText)
            #expect(try settled())
            try store.edit("1.0.0", after: 0)
            try store.edit("1.1.0", after: 1)
            let newest = try Files.read(path)
            // The version before the newest is what a crash leaves.
            try put(try makePolicy("1.0.0").json.canonicalText)
            #expect(try settled())
            #expect(try Files.read(path) == newest)
            for text in ["", "{}", shipped.json.canonicalText, try makePolicy("1.1.0", rows: 2).json.canonicalText] {
                try put(text)
                #expect(try !settled(), "\(text)")
            }
            unlink(path)
            var history = try store.policyHistory()
            #expect(try store.settlePolicy(&history, shipped: shipped) == SHA256.hash([]))
            // Written in another way it is the same.
            try put(try makePolicy("1.1.0").json.canonicalText)
            #expect(try settled())
        }
    }

    @Test func `that another process made since this one looked are no tampering`() throws {
        try withStore { store in
            let other = try StoreDatabase(home: store.home, context: .system)
            let shipped = try makePolicy("0.9.0")
            for made in 0..<3 {
                var history = try store.policyHistory()
                // The file is further than what was read.
                for more in 0...made { try other.edit("\(made).\(more).0", after: Int64(history.count + more)) }
                #expect(try store.settlePolicy(&history, shipped: shipped) == nil, "\(made)")
                #expect(try history == other.policyHistory())
            }
        }
    }

    @Test func `keep the file that was found, when it was not that of the version before`() throws {
        try withStore { store in
            let path = store.home.policyPath
            #expect(try store.edit("1.0.0", after: 0).details["file_found"] == nil)
            #expect(try store.edit("1.1.0", after: 1).details["file_found"] == nil)
            try Files.writeAtomically(Array("{}".utf8), to: path)
            let found = try store.edit("1.2.0", after: 2).details["file_found"]
            #expect(found == .string(JSON.object([:]).canonicalHash.hex))
            unlink(path)
            let gone = try store.edit("1.2.0", after: 3, .restored).details["file_found"]
            #expect(gone == .string(SHA256.hash([]).hex))
            #expect(try store.policyHistory().count == 4)
        }
    }

    @Test func `end the drive of a run that goes on under another version`() throws {
        try withStore { store in
            let run = try store.makeRun()
            let other = try StoreDatabase(home: store.home, context: .system)
            let driver = try permit(.createRun)
            try store.driving(run, permit: driver) { () throws(SluiceError) in
                try store.update(run, RunChange(state: .running, stage: .ingest), permit: driver)
                try store.requirePolicy()
            }
            try store.driving(run, permit: driver) { () throws(SluiceError) in
                do { try other.edit("1.0.0", after: 0) } catch { Issue.record("\(error)") }
                let about = makeEvent(run)
                let calls: [() throws -> Void] = [
                    { try store.requirePolicy() },
                    { try store.update(run, RunChange(state: .done), permit: driver) },
                    { try store.enter(run, .mapping, permit: driver) { _ in } },
                    { try store.append(about, isEvidence: false) },
                    {
                        try store.commitStage(
                            runID: run, artifacts: [], event: about, state: .done, stage: .ingest, permit: driver)
                    },
                ]
                for call in calls { expectFailure("run.mode_immutable", "1.0.0", call) }
                let state = try store.run(run).state
                #expect(state == .running)
                // How it ended is written.
                try store.append(about)
                try store.update(run, RunChange(state: .failed), permit: driver)
            }
            #expect(try store.run(run).state == .failed)
            // Over a connection that drives nothing, and in a drive that began since, all is as before.
            try store.update(run, RunChange(state: .ready))
            try store.driving(run) { () throws(SluiceError) in try store.requirePolicy() }
        }
    }
}

#if SLUICE_TEST_HOOKS
@Suite struct `A process that is killed while it changes the policy` {
    /// The steps in their order, and whether the new version stands when the process dies there.
    static let places: [(name: String, isDone: Bool)] = [
        ("policy.act.before", false), ("policy.act.middle", false), ("policy.act.after", true),
        ("policy.mark.before", true), ("policy.mark.middle", true), ("policy.mark.after", true),
        ("policy.file.before", true), ("policy.file.middle", true), ("policy.file.after", true),
    ]

    /// - Parameter isByHand: the file was changed by hand before, and the change takes that over.
    @Test(arguments: places.indices, [false, true])
    func `leaves the old version in force, or the new one`(_ place: Int, _ isByHand: Bool) async throws {
        let (name, isDone) = Self.places[place]
        let folder = "/tmp/sluice-policy-\(Context.system.ulid())"
        try Files.makeFolder(folder)
        let home = try Home(path: folder + "/home", context: .system)
        let shipped = try makePolicy("0.9.0")
        do {
            let store = try StoreDatabase(home: home, context: .system)
            try store.edit("1.0.0", after: 0)
            let byHand = try makePolicy("1.0.0", rows: 5).json.canonicalBytes
            if isByHand { try Files.writeAtomically(byHand, to: home.policyPath) }
        }
        let path = home.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [name = name as String, path = path as String] in
            setenv("SLUICE_FAILPOINT", name + "=kill", 1)
            let store = try StoreDatabase(home: try Home(path: path, context: .system), context: .system)
            try store.edit("1.1.0", after: 1)
        }
        let store = try StoreDatabase(home: home, context: .system)
        var history = try store.policyHistory()
        #expect(history.last?.version == (isDone ? "1.1.0" : "1.0.0"), "\(name)")
        let doubt = try store.settlePolicy(&history, shipped: shipped)
        // What was not taken over stays in doubt.
        let isInDoubt = isByHand && !isDone
        #expect((doubt != nil) == isInDoubt, "\(name)")
        let file = try JSONParser.parse(try Files.read(home.policyPath))
        #expect((file == history.last?.manifest) != isInDoubt, "\(name)")
        // And it goes on from there, with a mark that counts.
        try store.edit("1.2.0", after: Int64(history.count))
        #expect(try store.policyHistory().count == history.count + 1)
        try store.change("DROP TRIGGER policy_acts_no_delete")
        try store.change("DELETE FROM policy_acts WHERE seq > 1")
        expectFailure("store.ledger") { try store.policyHistory() }
        Scratch.remove(folder)
    }
}
#endif

/// Removes what a test of its own process left.
enum Scratch {
    static func remove(_ path: String) {
        for name in Files.isDirectory(path) ? (try? Files.list(path)) ?? [] : [] { remove(path + "/" + name) }
        if Files.isDirectory(path) { rmdir(path) } else { unlink(path) }
    }
}
