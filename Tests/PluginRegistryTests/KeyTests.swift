import Foundations
import Glibc
import PluginHost
import Testing

@testable import PluginRegistry

@Suite struct `A publisher's key` {
    @Test func `is made once, for its owner alone, and read back`() throws {
        let bench = try Bench()
        let path = bench.folder + "/acme.key"
        let made = try KeyFiles.make(at: path, context: bench.context)
        var information = stat()
        #expect(stat(path, &information) == 0 && information.st_mode & 0o777 == 0o600)
        #expect(stat(path + ".pub", &information) == 0 && information.st_mode & 0o777 == 0o644)
        let read = try KeyFiles.signingKey(at: path)
        let given = try KeyFiles.publicKey(path + ".pub")
        #expect(read.publicKey == made && given == made)
        #expect(try KeyFiles.publicKey(made.description) == made)
        let before = try Files.read(path)
        let again = failure { _ = try KeyFiles.make(at: path, context: bench.context) }
        #expect(again?.detail == "key.file" && again?.message.contains("never overwritten") == true)
        unlink(path)
        #expect(failure { _ = try KeyFiles.make(at: path, context: bench.context) }?.detail == "key.file")
        #expect(!Files.exists(path), "beside a public key that is left no private one appears")
        #expect(before.count == 65)
    }

    @Test func `that others may read, a link or another file is not used`() throws {
        let bench = try Bench()
        let path = bench.folder + "/acme.key"
        _ = try KeyFiles.make(at: path, context: bench.context)
        #expect(chmod(path, 0o640) == 0)
        let open = failure { _ = try KeyFiles.signingKey(at: path) }
        #expect(open?.detail == "key.file" && open?.message.contains("Other users may read") == true)
        #expect(chmod(path, 0o600) == 0 && symlink(path, bench.folder + "/link") == 0)
        #expect(failure { _ = try KeyFiles.signingKey(at: bench.folder + "/link") }?.detail == "key.file")
        #expect(failure { _ = try KeyFiles.signingKey(at: path + ".none") }?.detail == "key.file")
        try Files.writeAtomically(Array("ed25519:00\n".utf8), to: path)
        #expect(failure { _ = try KeyFiles.signingKey(at: path) }?.message.contains("malformed") == true)
        #expect(failure { _ = try KeyFiles.publicKey(path) }?.detail == "key.file")
    }

    @Test func `signs the exact bytes of a manifest and no other`() throws {
        let bench = try Bench()
        let path = try bench.package()
        let bytes = try Files.read(path)
        let manifest = try PluginManifest.parse(bytes, name: "m")
        let signature = try ManifestSignature(try Files.read(path + ".sig"), name: "s")
        let keys = try Bench.keys()
        #expect(try keys.require(signature, over: bytes, of: manifest).publisher == "acme")
        let changed = bytes + [UInt8(ascii: " ")]
        let bad = failure { try keys.require(signature, over: changed, of: manifest) }
        #expect(bad?.detail == "plugin.signature")
        let other = try PluginManifest.parse(
            Bench.template([
                "publisher": "evil",
                "artifacts": [
                    ["platform": "linux-x86_64", "file": "a", "size": 1, "sha256": .string(manifest.hash.hex)]
                ],
            ]).canonicalBytes, name: "m")
        #expect(failure { try keys.require(signature, over: bytes, of: other) }?.detail == "plugin.publisher")
    }

    @Test func `counts for nothing when it is unknown, and for nothing any more when it was revoked anywhere`() throws {
        let bench = try Bench()
        let path = try bench.package()
        let bytes = try Files.read(path)
        let manifest = try PluginManifest.parse(bytes, name: "m")
        let signature = try ManifestSignature(try Files.read(path + ".sig"), name: "s")
        let none = TrustedKeys(shipped: KeyList(), own: KeyList())
        #expect(failure { try none.require(signature, over: bytes, of: manifest) }?.detail == "plugin.key_unknown")
        let byHome = try Bench.keys([try Bench.revoked(1)])
        let byBoth = TrustedKeys(
            shipped: KeyList(keys: [try Bench.revoked(1)]), own: KeyList(keys: [try Bench.trusted(1, "acme")]))
        for keys in [byHome, byBoth] {
            let error = failure { try keys.require(signature, over: bytes, of: manifest) }
            #expect(error?.detail == "plugin.key_revoked" && error?.message.contains("it got out") == true)
        }
    }

    @Test func `that the manifest names must be the one that signs`() throws {
        let bench = try Bench()
        let fingerprint = try Bench.key(1).publicKey.fingerprint
        _ = try bench.package("own", ["key_id": .string(fingerprint)])
        let error = failure { _ = try bench.package("other", ["key_id": .string(fingerprint)], key: 2) }
        #expect(error?.detail == "plugin.signature" && error?.message.contains("/key_id") == true)
    }

    @Test(arguments: [
        (#"{"keys_version":1,"keys":[]}"#, ""), (#"{"keys_version":2,"keys":[]}"#, "/keys_version"),
        (#"{"keys_version":1}"#, "/keys: is missing"), (#"{"keys_version":1,"keys":[],"x":1}"#, "/x"),
        (#"{"keys_version":1,"keys":[{"key":"a"}]}"#, "/keys/0/key"),
        (#"{"keys_version":1,"keys_version":1,"keys":[]}"#, "stands twice"), ("", "JSON"),
    ])
    func `lists are strict`(text: String, mistake: String) throws {
        do throws(SluiceError) {
            _ = try KeyList(Array(text.utf8), name: "keys.json")
            #expect(mistake.isEmpty)
        } catch {
            #expect(error.detail == "plugin.keys" && !mistake.isEmpty && error.message.contains(mistake), "\(error)")
        }
    }

    @Test func `signatures that are mutated crash nothing and hold only as they were`() throws {
        let bench = try Bench()
        let path = try bench.package()
        let bytes = try Files.read(path)
        let manifest = try PluginManifest.parse(bytes, name: "m")
        let good = try Files.read(path + ".sig")
        let keys = try Bench.keys()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(state: seed)
        for _ in 0..<2000 {
            var mutated = good
            for _ in 0...Int.random(in: 0...2, using: &random) {
                mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { mutated.removeLast(Int.random(in: 0..<mutated.count, using: &random)) }
            guard let signature = try? ManifestSignature(mutated, name: "s"),
                (try? keys.require(signature, over: bytes, of: manifest)) != nil
            else { continue }
            let same = try ManifestSignature(good, name: "s")
            #expect(signature == same, "seed \(seed)")
        }
    }
}
