import Foundations
import Glibc
import Testing

@Suite struct `UTF-8 validation` {
    @Test func `agrees with Swift's own on every scalar`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(UTF8.encode(scalar).unsafelyUnwrapped)
            if !isValidUTF8(bytes) { Issue.record("U+\(String(value, radix: 16))") }
        }
    }

    @Test func `agrees with Swift's own on every pair and on crafted triples`() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max { agrees([first, second]) }
        }
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4,
            0xF5, 0xFF,
        ]
        for a in edges { for b in edges { for c in edges { for d in edges { agrees([a, b, c, d]) } } } }
    }

    @Test func `agrees with Swift's own at every place of a long text`() {
        let text = Array("0123456789abcdefghijklmnopé€😀".utf8)
        for shift in 0..<12 {
            let bytes = [UInt8](repeating: 0x20, count: shift) + text
            for at in bytes.indices {
                for value: UInt8 in [0x00, 0x80, 0xBF, 0xC2, 0xED, 0xF4, 0xFF] {
                    var changed = bytes
                    changed[at] = value
                    agrees(changed)
                }
                agrees(Array(bytes.prefix(at)))
            }
        }
    }

    @Test func `agrees with Swift's own on random bytes`() {
        for seed in UInt64(1)...30_000 {
            var random = SeededRandom(seed: seed)
            let wide = Bool.random(using: &random)
            agrees(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in
                    wide
                        ? UInt8.random(in: 0...255, using: &random)
                        : [0x61, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80][
                            Int.random(in: 0..<10, using: &random)]
                }, "seed \(seed)")
        }
    }

    private func agrees(_ bytes: [UInt8], _ note: String = "") {
        let expected = String(validating: bytes, as: UTF8.self) != nil
        if isValidUTF8(bytes) != expected {
            Issue.record("\(Hex.encode(bytes)) is \(expected ? "valid" : "invalid") \(note)")
        }
    }
}

@Suite final class `A file that is written atomically` {
    private let folder: String

    init() throws {
        folder = "/tmp/sluice-files-\(Context.system.ulid())"
        try Files.makeFolder(folder)
    }

    deinit {
        for name in (try? Files.list(folder)) ?? [] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    @Test func `is there whole, with its mode, and nothing else is`() throws {
        let path = "\(folder)/a.json"
        try Files.writeAtomically(Array("one".utf8), to: path)
        #expect(try Files.read(path) == Array("one".utf8))
        #expect(mode(path) == 0o600)
        try Files.writeAtomically([], to: path, mode: 0o640)
        #expect(try Files.read(path) == [])
        #expect(mode(path) == 0o640)
        let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Files.writeAtomically(large, to: path)
        #expect(try Files.read(path) == large)
        #expect(try Files.list(folder) == ["a.json"])
    }

    @Test func `is not there when it cannot be written, and says why`() throws {
        #expect(throws: Files.Failure.self) { try Files.writeAtomically([1], to: "\(folder)/no/such/folder") }
        // A folder in the way: the rename fails, the temporary file goes.
        try Files.makeFolder("\(folder)/taken")
        defer { rmdir("\(folder)/taken") }
        let failure = #expect(throws: Files.Failure.self) { try Files.writeAtomically([1], to: "\(folder)/taken") }
        #expect(failure?.call == "rename")
        #expect(failure?.errno == EISDIR)
        #expect(try Files.list(folder) == ["taken"])
        #expect(failure?.asError.detail == "file.failed")
        #expect(failure?.asError.message.hasPrefix("rename ") == true)
    }

    @Test func `is refused by a read-only folder`() throws {
        // Permission bits do not bind root; the kernel's own folders do.
        let refusing = geteuid() == 0 ? "/sys" : folder
        chmod(folder, 0o500)
        defer { chmod(folder, 0o700) }
        let failure = #expect(throws: Files.Failure.self) {
            try Files.writeAtomically([1], to: "\(refusing)/sluice-test")
        }
        #expect(failure?.call == "create")
        #expect([EACCES, EPERM, EROFS].contains(failure?.errno ?? 0))
        #expect(!Files.exists("\(refusing)/sluice-test"))
    }

    @Test func `is one of the writers' files when many write at once`() async throws {
        let path = "\(folder)/contended"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in UInt8(0)..<16 {
                group.addTask {
                    for _ in 0..<10 {
                        try Files.writeAtomically([UInt8](repeating: writer, count: 20_000), to: path)
                        let read = try Files.read(path)
                        #expect(read.count == 20_000 && Set(read).count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Files.list(folder) == ["contended"])
    }

    @Test func `is read up to a limit, and a folder is no file`() throws {
        let path = "\(folder)/limited"
        try Files.writeAtomically([UInt8](repeating: 1, count: 100), to: path)
        #expect(try Files.read(path, limit: 100).count == 100)
        #expect(#expect(throws: Files.Failure.self) { try Files.read(path, limit: 99) }?.errno == EFBIG)
        #expect(#expect(throws: Files.Failure.self) { try Files.read(folder) }?.errno == EISDIR)
        #expect(#expect(throws: Files.Failure.self) { try Files.read("\(folder)/none") }?.errno == ENOENT)
    }

    @Test func `has a folder and a name`() {
        #expect(Files.folder(of: "/a/b/c") == "/a/b" && Files.name(of: "/a/b/c") == "c")
        #expect(Files.folder(of: "/a") == "/" && Files.folder(of: "a") == "." && Files.name(of: "a") == "a")
        #expect(Files.resolved("\(folder)/none") == nil)
    }

    private func mode(_ path: String) -> UInt32 {
        var information = stat()
        stat(path, &information)
        return information.st_mode & 0o777
    }
}
