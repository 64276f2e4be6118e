import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Stages
@testable import Store
@testable import Supervisor

/// A home's own versions of the policy, through the face of the core.
@Suite struct `The policy of a home` {
    private static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    private func service(_ home: String, _ role: Role = .maintainer) throws -> RunService {
        var context = Context.system
        context.environment["SLUICE_REGISTRY"] = Self.repository + "/registry"
        context.environment["SLUICE_PLUGINS"] = home + "/shipped"
        try Files.makeFolder(home + "/shipped")
        return try RunService(home: home, context: context, caller: RunContract.Actor(userID: "ann", role: role))
    }

    private func withHome(_ body: (String) throws -> Void) throws {
        let home = "/tmp/sluice-policy-\(Context.system.ulid())"
        try Files.makeFolder(home, mode: 0o700)
        defer { Self.remove(home) }
        try body(home)
    }

    private static func remove(_ path: String) {
        for name in Files.isDirectory(path) ? (try? Files.list(path)) ?? [] : [] { remove(path + "/" + name) }
        if Files.isDirectory(path) { rmdir(path) } else { unlink(path) }
    }

    /// The error of a call; a call that throws none is an issue.
    private func refusal(_ what: String = "", _ call: () throws -> Void) -> SluiceError? {
        do { try call() } catch let error as SluiceError { return error } catch { Issue.record("\(error)") }
        Issue.record("nothing was thrown: \(what)")
        return nil
    }

    /// The version in force with members of its top level replaced.
    private func changed(_ service: RunService, _ members: [String: JSON]) -> JSON {
        .object((service.policy.manifest.json.objectValue ?? [:]).merging(members) { $1 })
    }

    /// One above the version that ships, by its last number.
    private func above(_ service: RunService, by count: Int = 1) -> String {
        let parts = service.registry.policy.version.split(separator: ".").compactMap { Int($0) }
        return "\(parts[0]).\(parts[1]).\(parts[2] + count)"
    }

    @Test func `is the one that ships until a Maintainer makes another, which is recorded with its diff`() throws {
        try withHome { home in
            let service = try service(home)
            let shipped = service.registry.policy
            #expect(try service.engine.manifest == shipped)
            #expect(try service.policyShow(nil)["origin"] == "shipped")
            let version = above(service)
            let caps: JSON = ["rows_max": 7, "bytes_max": 1000]
            let answer = try service.editPolicy(
                changed(service, ["policy_version": .string(version), "sample_caps": caps]), reason: "fewer rows")
            #expect(answer["status"] == "edited" && answer["previous"] == .string(shipped.reference))
            // At once, in this object and in another one.
            #expect(try service.engine.manifest.sampleRowsMax == 7)
            let again = try self.service(home, .viewer)
            #expect(try again.engine.manifest.version == version)
            let versions = try #require(try again.policyHistory()["versions"]?.arrayValue)
            let kinds = versions.map { $0["act"]?.stringValue }
            #expect(kinds == ["shipped", "edited"])
            let act = versions[1]
            #expect(act["actor"] == "ann" && act["role"] == "Maintainer" && act["details"]?["reason"] == "fewer rows")
            #expect(act["previous"] == .string(shipped.reference))
            let diff = act["details"]?["diff"]?.arrayValue ?? []
            let byPath = Dictionary(diff.map { ($0["path"]?.stringValue ?? "", $0) }, uniquingKeysWith: { a, _ in a })
            #expect(byPath["/sample_caps/rows_max"]?["new"] == 7)
            #expect(byPath["/sample_caps/rows_max"]?["old"] == .int(shipped.sampleRowsMax))
            #expect(byPath["/policy_version"]?["old"] == .string(shipped.version))
            // What new runs are pinned to.
            let contract = try RunContract(Ledger.contract())
            #expect(try again.versions(of: contract).policy == again.policy.manifest.reference)
        }
    }

    @Test func `is refused whole when it is malformed, not above the present one, or locks everybody out`() throws {
        try withHome { home in
            let service = try service(home)
            let before = service.policy.manifest
            let next = JSON.string(above(service))
            let nobody = JSON.object(
                Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0.rawValue, JSON([String]())) }))
            var byMaintainers = service.policy.manifest.json["rbac"]?.objectValue ?? [:]
            byMaintainers["Admin"] = .array(
                (byMaintainers["Admin"]?.arrayValue ?? []).filter { $0 != "edit_policy_manifest" })
            #expect(byMaintainers["Maintainer"]?.arrayValue?.contains("edit_policy_manifest") == true)
            let cases: [(document: JSON, detail: String, words: String)] = [
                // Nobody is a Maintainer in this home, and its owner is always an Admin.
                (
                    changed(service, ["policy_version": next, "rbac": .object(byMaintainers)]), "policy.manifest",
                    "owner of the home"
                ),
                (
                    changed(service, ["policy_version": "999999999.999999999.999999999"]), "policy.version",
                    "No policy_version is above"
                ),
                (changed(service, ["policy_version": next, "extra": 1]), "policy.manifest", "extra"),
                (changed(service, ["policy_version": next, "sample_caps": nil]), "policy.manifest", "sample_caps"),
                ([], "policy.manifest", ""), (.null, "policy.manifest", ""),
                (
                    changed(service, ["policy_version": next, "rbac": nobody]), "policy.manifest",
                    "edit_policy_manifest"
                ),
                (
                    changed(service, ["description": "the same number"]), "policy.version",
                    "Set policy_version to \(next.stringValue ?? "") or higher"
                ),
                (changed(service, ["policy_version": "0.0.9"]), "policy.version", "not above"),
                (changed(service, ["policy_version": "99"]), "policy.manifest", "policy_version"),
                (changed(service, ["policy_version": "9.9.9-rc"]), "policy.manifest", "policy_version"),
            ]
            for (document, detail, words) in cases {
                let error = refusal(words) { _ = try service.editPolicy(document, reason: "") }
                #expect(error?.detail == detail, "\(words): \(error?.description ?? "")")
                #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            }
            #expect(service.policy.manifest == before && service.policy.history.isEmpty)
            #expect(!Files.exists(service.store.home.policyPath))
            #expect(try service.editPolicy(before.json, reason: "")["status"] == "unchanged")
        }
    }

    @Test func `is counted on where a number has no more digits`() throws {
        try withHome { home in
            let service = try service(home)
            _ = try service.editPolicy(changed(service, ["policy_version": "1.999999999.999999999"]), reason: "")
            _ = try service.revertPolicy(service.registry.policy.version, reason: "")
            #expect(service.policy.manifest.version == "2.0.0")
        }
    }

    @Test func `holds at once in an object that was made before`() throws {
        try withHome { home in
            let old = try service(home)
            let other = try service(home)
            let next = JSON.string(above(other))
            _ = try other.editPolicy(
                changed(other, ["policy_version": next, "sample_caps": ["rows_max": 7, "bytes_max": 1000]]), reason: "")
            #expect(try old.engine.manifest.sampleRowsMax == 7)
        }
    }

    @Test(arguments: Role.allCases) func `is edited by those whom the matrix allows`(_ role: Role) throws {
        try withHome { home in
            let service = try service(home, role)
            let document = changed(service, ["policy_version": .string(above(service))])
            guard role < .maintainer else {
                #expect(try service.editPolicy(document, reason: "")["status"] == "edited")
                return
            }
            let calls: [() throws -> Void] = [
                { _ = try service.editPolicy(document, reason: "") },
                { _ = try service.revertPolicy(service.registry.policy.version, reason: "") },
            ]
            for call in calls { #expect(refusal("", call)?.detail == "policy.denied") }
            #expect(try service.policyShow(nil)["number"] == 0)
        }
    }

    @Test func `comes back under a higher number, and a file that was changed by hand stops everything`() throws {
        try withHome { home in
            let first = try service(home)
            let shipped = first.registry.policy
            _ = try first.editPolicy(
                changed(
                    first,
                    [
                        "policy_version": .string(above(first)),
                        "sample_caps": ["rows_max": 7, "bytes_max": 1000],
                    ]), reason: "")
            let reverted = try first.revertPolicy(shipped.version, reason: "the change did harm")
            #expect(reverted["status"] == "reverted")
            #expect(first.policy.manifest.version == above(first, by: 2))
            #expect(first.policy.manifest.sampleRowsMax == shipped.sampleRowsMax)
            #expect(first.policy.history.last?.details["reverted_to"] == .string(shipped.reference))
            let unknown = refusal { _ = try first.revertPolicy("7.7.7", reason: "") }
            #expect(unknown?.detail == "policy.version")

            // By hand, as an editor would.
            let path = first.store.home.policyPath
            let text = String(decoding: try Files.read(path), as: UTF8.self)
            let loose = text.split(separator: "\"deny\"", maxSplits: 1).joined(separator: "\"deny\" ")
            try Files.writeAtomically(Array((loose + " ").utf8), to: path)
            #expect(try service(home).policy.fault == nil, "white space is no change")
            try Files.writeAtomically(
                changed(first, ["sample_caps": ["rows_max": 9, "bytes_max": 1000]]).canonicalBytes, to: path)
            let second = try service(home)
            let calls: [() throws -> Void] = [
                { _ = try second.setPlugin("sluice.none", enabled: true) },
                { _ = try second.submit(try RunContract(Ledger.contract())) },
                { _ = try second.collectArtifacts(graceHours: 1, dryRun: true) },
                { _ = try second.policyCheck(try RunContract(Ledger.contract())) },
            ]
            for call in calls {
                let error = refusal("", call)
                #expect(error?.detail == "policy.untracked")
                #expect(error?.hint.contains("sluice policy edit COPY") == true)
                #expect(error?.hint.contains("sluice policy revert \(second.policy.manifest.version)") == true)
            }
            // Looking and halting go on.
            #expect(try second.runs()["runs"] == [])
            _ = try second.plugins()
            let key = "ed25519:" + String(repeating: "ab", count: 32)
            let open: [() throws -> Void] = [
                { _ = try second.find("01JCX00") }, { _ = try second.stop(Context.system.ulid()) },
                { _ = try second.verifyLedger(Context.system.ulid()) },
                { _ = try second.setPlugin("sluice.none", enabled: false) },
                { _ = try second.revokeKey(key + "x", reason: "why") },
            ]
            for call in open {
                let error = refusal("", call)
                #expect(error?.detail.hasPrefix("policy.") == false, "\(error?.description ?? "")")
            }
            #expect(try second.policyShow(nil)["error"]?["detail_id"] == "policy.untracked")
            #expect(try second.policyHistory()["versions"]?.arrayValue?.count == 3)
            // A Viewer looks, and does not mend.
            let viewer = try service(home, .viewer)
            let denied = refusal { _ = try viewer.revertPolicy(second.policy.manifest.version, reason: "") }
            #expect(denied?.detail == "policy.denied")
            let restored = try second.revertPolicy(second.policy.manifest.version, reason: "by hand")
            #expect(restored["status"] == "restored" && restored["diff"] == [])
            #expect(try second.runs()["runs"] == [])
            #expect(try service(home).policy.fault == nil)
            unlink(path)
            let gone = refusal { _ = try self.service(home).collectArtifacts(graceHours: 1, dryRun: true) }
            #expect(gone?.detail == "policy.untracked" && gone?.message.contains("is gone") == true)
        }
    }

    @Test func `that was put into the home before any act is not believed`() throws {
        try withHome { home in
            let service = try service(home)
            let path = service.store.home.policyPath
            try Files.makeFolder(Files.folder(of: path))
            let admins = changed(service, ["users": ["eve": "Admin"]])
            try Files.writeAtomically(admins.canonicalBytes, to: path)
            let again = try self.service(home)
            let refused = refusal { _ = try again.collectArtifacts(graceHours: 1, dryRun: true) }
            #expect(refused?.detail == "policy.untracked")
            #expect(again.policy.manifest == again.registry.policy)
            _ = try again.revertPolicy(again.registry.policy.version, reason: "")
            #expect(try again.runs()["runs"] == [] && again.policy.history.map(\.kind) == [.restored])
        }
    }
}
