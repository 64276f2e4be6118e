import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Store

@Suite struct LedgerExportTests {
    /// An export of five events as text, and the key that signed it.
    private func withExport<R>(_ body: (StoreDatabase, [String], Ed25519.PublicKey) throws -> R) throws -> R {
        try withStore { store in
            let run = try store.makeRun()
            for number in 1...5 { try store.append(makeEvent(run, note: ["n": JSON(number), "word": "é\u{1F600}"])) }
            let path = store.home.path + "/ledger.jsonl"
            let (_, key) = try store.exportLedger(run, to: path)
            let text = String(decoding: try Files.read(path), as: UTF8.self)
            return try body(store, text.split(separator: "\n").map(String.init), key)
        }
    }

    private func verify(_ lines: [String], _ key: Ed25519.PublicKey? = nil) throws -> LedgerExport {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        return try LedgerExport(verifying: bytes, name: "ledger.jsonl", key: key)
    }

    @Test func `an export holds by itself, and says whose it is`() throws {
        try withExport { store, lines, key in
            #expect(lines.count == 6)
            for given in [nil, key] {
                let export = try verify(lines, given)
                #expect(export.count == 5 && export.publicKey == key && export.dropped == 0)
                #expect(try export.headHash == store.verifyLedger(export.runID).headHash)
            }
            // The same ledger gives the same bytes, for its owner alone.
            let again = store.home.path + "/again.jsonl"
            _ = try store.exportLedger(verify(lines).runID, to: again)
            #expect(try Files.read(again) == Array((lines.joined(separator: "\n") + "\n").utf8))
            #expect(permissions(again) == 0o600)
        }
    }

    @Test func `an export that was changed does not hold`() throws {
        try withExport { _, lines, _ in
            func changed(_ words: String, _ change: (inout [String]) -> Void) {
                var copy = lines
                change(&copy)
                expectFailure("store.ledger", words) { try verify(copy) }
            }
            func replacing(_ line: String, _ old: String, _ new: String) -> String {
                let parts = line.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
                return parts.joined(separator: new)
            }
            changed("event 3: edited") { $0[3] = replacing($0[3], "\"n\":3", "\"n\":4") }
            changed("event 3: edited") { $0[3] += " " }
            changed("event 3: edited") { $0[3] = "{}" }
            changed("event 2: deleted") { $0.remove(at: 2) }
            changed("event 2: reordered") { $0.swapAt(2, 3) }
            changed("event 5: tail cut") { $0.removeLast() }
            changed("event 1: tail cut") { $0.removeLast(5) }
            changed("event 6: reordered") { $0.append($0[5]) }
            changed("chain rebuilt") { $0[0] = replacing($0[0], "\"count\":5", "\"count\":4") }
            changed("signature") { $0[0] = replacing($0[0], "\"policy_version\":\"p", "\"policy_version\":\"q") }
            changed("no ledger export") { $0[0] = "{\"format\":\"else\"}" }
            changed("no ledger export") { $0[0] = replacing($0[0], "{", "{ ") }
            changed("no ledger export") { $0 = [] }
            // The line feed behind the last event.
            expectFailure("store.ledger", "cut off") {
                try LedgerExport(verifying: Array(lines.joined(separator: "\n").utf8), name: "x", key: nil)
            }
        }
    }

    @Test func `every byte of an export counts`() throws {
        try withExport { _, lines, key in
            let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
            for at in stride(from: 0, to: bytes.count, by: 7) {
                var changed = bytes
                changed[at] ^= 0x01
                expectFailure("store.ledger") { try LedgerExport(verifying: changed, name: "x", key: key) }
            }
            for count in stride(from: 0, to: bytes.count, by: 101) {
                expectFailure("store.ledger") {
                    try LedgerExport(verifying: Array(bytes.prefix(count)), name: "x", key: nil)
                }
            }
        }
    }

    @Test func `an export that another key signed is another's`() throws {
        try withExport { _, lines, key in
            let other = try #require(Ed25519.SigningKey(seed: [UInt8](repeating: 7, count: 32)))
            // Made anew by somebody with a key of his own.
            let parsed = try JSONParser.parse(lines[0])
            var header = try #require(parsed.objectValue)
            header["public_key"] = .string(other.publicKey.description)
            header["signature"] = nil
            let message = Array("sluice/ledger-export/1\n".utf8) + JSON.object(header).canonicalBytes
            let signature = try #require(other.sign(message))
            header["signature"] = .string(Hex.encode(signature))
            let forged = [JSON.object(header).canonicalText] + lines.dropFirst()
            #expect(try verify(forged).publicKey.fingerprint == other.publicKey.fingerprint)
            expectFailure("store.ledger", "signed by another key") { try verify(forged, key) }
            // With the home's key written over it, its signature does not hold.
            header["public_key"] = .string(key.description)
            let relabelled = [JSON.object(header).canonicalText] + lines.dropFirst()
            expectFailure("store.ledger", "signature") { try verify(relabelled, key) }
        }
    }

    @Test func `an export without its dropped segment holds`() throws {
        try withStore { store in
            let run = try store.makeRun()
            for _ in 0..<3 { try store.append(makeEvent(run)) }
            try store.update(run, RunChange(state: .done), event: makeEvent(run))
            try store.dropSegment(1, of: run, actor: "ann", permit: permit(.approveDestructive))
            let path = store.home.path + "/ledger.jsonl"
            let (_, key) = try store.exportLedger(run, to: path)
            let bytes = try Files.read(path)
            let export = try LedgerExport(verifying: bytes, name: "x", key: key)
            #expect(export.count == 5 && export.dropped == 4)
            let lines = bytes.split(separator: UInt8(ascii: "\n"))
            #expect(lines.count == 2)
            expectFailure("store.ledger", "event 5: tail cut") {
                try LedgerExport(verifying: Array(lines[0]) + [0x0A], name: "x", key: key)
            }
        }
    }

    private func exportedVersions(_ store: StoreDatabase, _ run: ULID) throws -> JSON? {
        let path = store.home.path + "/versions.jsonl"
        _ = try store.exportLedger(run, to: path)
        let header = try Files.read(path).split(separator: UInt8(ascii: "\n")).first.map(Array.init) ?? []
        return try JSONParser.parse(header, name: "header")["versions"]
    }

    @Test func `versions are those that the ledger proves, whatever the store says beside it`() throws {
        try withStore { store in
            let run = try store.makeRun()
            try store.append(makeEvent(run, .supervisor, note: ["event": "run_created", "versions": versions.json]))
            try store.append(makeEvent(run))
            #expect(try exportedVersions(store, run) == versions.json)
            try Intruder(store).execute(
                "UPDATE runs SET versions = json_set(versions, '$.policy_version', 'p@9', '$.catalog_version', 'c@9')")
            #expect(try exportedVersions(store, run) == versions.json)
            // Once the first event is dropped, what every event has is all that is proved.
            try store.update(run, RunChange(state: .done), event: makeEvent(run))
            try store.dropSegment(1, of: run, actor: "ann", permit: permit(.approveDestructive))
            #expect(
                try exportedVersions(store, run) == [
                    "policy_version": "p@0+abc", "dsl_version": "1.0.0", "threshold_profile_id": "tp_default_v1",
                ])
        }
    }

    @Test func `the key is made once, kept closed, and never replaced`() throws {
        try withStore { store in
            let key = try store.ledgerPublicKey()
            let path = store.home.ledgerKeyPath
            #expect(try store.ledgerPublicKey() == key && permissions(path) == 0o600)
            #expect(Ed25519.PublicKey(key.description) == key && key.fingerprint.utf8.count == 64)
            chmod(path, 0o640)
            expectFailure("file.failed", "Other users may read") { try store.ledgerPublicKey() }
            try Files.writeAtomically(Array(String(repeating: "ab", count: 32).utf8), to: path)
            expectFailure("file.failed", "not the one") { try store.ledgerPublicKey() }
            try Files.writeAtomically(Array("xy".utf8), to: path)
            expectFailure("file.failed", "malformed") { try store.ledgerPublicKey() }
            unlink(path)
            expectFailure("file.failed", "Restore keys/ledger.ed25519") { try store.ledgerPublicKey() }
            #expect(!Files.exists(path))
        }
    }

    @Test func `threads that ask at once get one key`() throws {
        try withStore { store in
            let home = store.home
            let keys = try inThreads(8) { _ in
                try StoreDatabase(home: home, context: .system).ledgerPublicKey().description
            }
            #expect(Set(keys).count == 1)
        }
    }

    /// RFC 8032, 7.1, tests 1 and 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func `signatures are those of RFC 8032`(seed: String, key: String, message: String, signature: String) throws {
        let secret = try #require(Hex.decode(seed))
        let pair = try #require(Ed25519.SigningKey(seed: secret))
        let bytes = try #require(Hex.decode(message))
        #expect(Hex.encode(pair.publicKey.bytes) == key)
        let made = try #require(pair.sign(bytes))
        #expect(Hex.encode(made) == signature && pair.publicKey.verifies(made, over: bytes))
        #expect(!pair.publicKey.verifies(made, over: bytes + [0]))
        #expect(!pair.publicKey.verifies(Array(made.dropLast()), over: bytes))
        #expect(Ed25519.SigningKey(seed: [1]) == nil && Ed25519.PublicKey(key) == nil)
    }
}
