import Contracts
import Foundations
import Glibc
import Policy
import Testing

@testable import Store

@Suite struct ArtifactTests {
    @Test func `a body comes back as it went in, under the hash of its canonical text`() throws {
        try withStore { store in
            let artifact = makeArtifact(.catalog, ["columns": ["a", "ü"], "rate": 0.25])
            let hash = try store.artifacts.put(artifact)
            #expect(hash == artifact.id)
            #expect(try store.artifacts.body(hash, permit: permit(.viewArtifactsMasked)) == artifact.body)
            let shelf = Files.folder(of: store.artifacts.path(hash))
            #expect(try Files.list(shelf) == ["\(hash.hex).json"])
            #expect(try Files.read(store.artifacts.path(hash)) == artifact.body.canonicalBytes)
        }
    }

    @Test func `the same body again is not written again, and is young again`() throws {
        try withStore { store in
            let hash = try store.artifacts.put(makeArtifact(.catalog, ["a": 1]))
            var before = stat()
            var after = stat()
            stat(store.artifacts.path(hash), &before)
            try age(store.artifacts.path(hash), hours: 100)
            #expect(try store.artifacts.put(makeArtifact(.catalog, ["a": 1])) == hash)
            stat(store.artifacts.path(hash), &after)
            #expect(before.st_ino == after.st_ino && after.st_mtim.tv_sec >= before.st_mtim.tv_sec)
        }
    }

    @Test func `what a crash left behind is no artifact and is in nobody's way`() throws {
        try withStore { store in
            let artifact = makeArtifact(.catalog, ["a": 1])
            let path = store.artifacts.path(artifact.id)
            try Files.makeFolder(Files.folder(of: path))
            for leftover in ["\(path).0011223344556677.tmp", "\(path).99.tmp"] {
                try Files.writeAtomically(Array("{\"cut".utf8), to: leftover)
            }
            expectFailure("artifact.missing") { try store.artifacts.find(prefix: artifact.id.hex) }
            let hash = try store.artifacts.put(artifact)
            #expect(try store.artifacts.find(prefix: String(hash.hex.prefix(8))) == hash)
            #expect(try store.artifacts.body(hash, permit: permit(.viewArtifactsMasked)) == artifact.body)
        }
    }

    @Test func `a changed file is found at every read, and is left as it is`() throws {
        try withStore { store in
            let artifact = makeArtifact(.catalog, ["a": 1])
            let hash = try store.artifacts.put(artifact)
            var bytes = try Files.read(store.artifacts.path(hash))
            bytes[bytes.count / 2] ^= 1
            try Files.writeAtomically(bytes, to: store.artifacts.path(hash))
            let allowed = try permit(.viewArtifactsMasked)
            expectFailure("artifact.corrupt") { try store.artifacts.body(hash, permit: allowed) }
            expectFailure("artifact.corrupt") { try store.artifacts.put(artifact) }
            #expect(try Files.read(store.artifacts.path(hash)) == bytes)
        }
    }

    @Test func `a permit for something else opens nothing`() throws {
        try withStore { store in
            let hash = try store.artifacts.put(makeArtifact(.catalog, ["a": 1]))
            expectFailure("policy.denied") { try store.artifacts.body(hash, permit: permit(.createRun)) }
        }
    }

    @Test func `a prefix names an artifact when it is long enough and no other begins so`() throws {
        try withStore { store in
            let hash = try store.artifacts.put(makeArtifact(.catalog, ["a": 1]))
            let digits = hash.hex
            #expect(try store.artifacts.find(prefix: digits.prefix(12).uppercased()) == hash)
            #expect(try store.artifacts.find(prefix: digits) == hash)
            for wrong in [String(digits.prefix(7)), "../../../..", digits + "0", "ffffffffzz", ""] {
                expectFailure("artifact.missing") { try store.artifacts.find(prefix: wrong) }
            }
            let twin = digits.prefix(8) + String(repeating: "0", count: 56)
            try Files.writeAtomically([], to: "\(Files.folder(of: store.artifacts.path(hash)))/\(twin).json")
            expectFailure("artifact.missing", "Give more digits.") {
                try store.artifacts.find(prefix: String(digits.prefix(8)))
            }
            let absent = try #require(SHA256.Digest(hex: String(repeating: "0", count: 64)))
            let allowed = try permit(.viewArtifactsMasked)
            expectFailure("artifact.missing") { try store.artifacts.body(absent, permit: allowed) }
        }
    }

    @Test func `threads that put one artifact at once all succeed`() throws {
        try withStore { store in
            let artifacts = store.artifacts
            let content = JSON.array((0..<2000).map { JSON($0) })
            let hashes = try inThreads(8) { _ in try artifacts.put(makeArtifact(.samplePack, content)) }
            #expect(Set(hashes).count == 1)
            let hash = try #require(hashes.first)
            #expect(try Files.list(Files.folder(of: artifacts.path(hash))) == ["\(hash.hex).json"])
            _ = try artifacts.body(hash, permit: permit(.viewArtifactsMasked))
        }
    }
}
