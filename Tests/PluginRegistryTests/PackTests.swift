import Foundations
import Glibc
import PluginHost
import Testing

@testable import PluginRegistry

@Suite struct `Packing a plugin` {
    @Test func `fills in sizes, hashes and the platform, and takes all that belongs to it`() throws {
        let bench = try Bench()
        let source = bench.folder + "/source"
        try Files.makeFolder(source + "/conformance/data")
        try Files.makeFolder(source + "/build")
        let library = try Bench.library.get()
        try Files.writeAtomically(library, to: source + "/build/acme.so")
        try Files.writeAtomically([1, 2, 3], to: source + "/words.bin")
        try Files.writeAtomically(Array("{}".utf8), to: source + "/conformance/acme.check.json")
        try Files.writeAtomically(Array("a,b\n".utf8), to: source + "/conformance/data/a.csv")
        // A hash that stands there is replaced.
        let template = Bench.template([
            "artifacts": [["file": "acme.so", "size": 1, "sha256": "00"]],
            "resources": [["name": "words", "file": "words.bin"]],
        ])
        try Files.writeAtomically(template.canonicalBytes, to: source + "/manifest.json")
        let out = bench.folder + "/out"
        let packed = try Packer.pack(
            template: source + "/manifest.json", libraries: source + "/build", into: out, context: bench.context)
        #expect(
            packed.files == [
                "acme.check.json", "acme.so", "conformance/acme.check.json", "conformance/data/a.csv",
                "resources/words.bin",
            ])
        let artifact = try packed.manifest.artifact()
        #expect(artifact.size == library.count && artifact.sha256 == SHA256.hash(library))
        #expect(packed.manifest.resources.first?.sha256 == SHA256.hash([1, 2, 3]))
        #expect(try Files.read(out + "/resources/words.bin") == [1, 2, 3])
        // The same again gives the same bytes, and replaces the folder.
        let first = try Files.read(packed.manifestPath)
        try Files.writeAtomically([9], to: out + "/acme.check.json.sig")
        let again = try Packer.pack(
            template: source + "/manifest.json", libraries: source + "/build", into: out, context: bench.context)
        #expect(try Files.read(again.manifestPath) == first && !Files.exists(out + "/acme.check.json.sig"))
        #expect(try Files.list(bench.folder).filter { $0.contains("tmp") } == [])
    }

    @Test func `refuses a bad template by pointer and leaves the folder as it was`() throws {
        let bench = try Bench()
        let path = try bench.package("out")
        let before = try Files.read(path)
        let wrong: [([String: JSON], String, String)] = [
            (["artifacts": [["file": "none.so"]]], "plugin.manifest", "/artifacts/0/file"),
            (["license": .null], "plugin.manifest", "/license is missing"),
            (["surprise": 1], "plugin.manifest", "/surprise is an unknown key"),
            (["abi": ["major": 0, "minor": 9]], "plugin.abi", "/abi/minor"),
            (
                ["resources": [["name": "a", "file": "acme.so"], ["name": "b", "file": "acme.so"]]], "plugin.manifest",
                "/resources"
            ),
            (["artifacts": [["file": "template.json"]]], "plugin.library_file", "no ELF file"),
        ]
        for (replaced, detail, words) in wrong {
            let error = failure { _ = try bench.package("out", replaced) }
            #expect(error?.detail == detail && error?.message.contains(words) == true, "\(String(describing: error))")
            #expect(try Files.read(path) == before)
        }
    }

    @Test func `never replaces a folder with anything else in it`() throws {
        let bench = try Bench()
        let path = try bench.package("out")
        try Files.writeAtomically([1], to: bench.folder + "/out/notes.txt")
        let error = failure { _ = try bench.package("out") }
        #expect(error?.detail == "usage" && Files.exists(path) && Files.exists(bench.folder + "/out/notes.txt"))
    }

    @Test func `never replaces the folder with what the package is made of`() throws {
        let bench = try Bench()
        let source = bench.folder + "/acme.check"
        try Files.makeFolder(source + "/resources")
        try Files.makeFolder(source + "/conformance")
        try Files.writeAtomically(try Bench.library.get(), to: source + "/acme.so")
        try Files.writeAtomically([1], to: source + "/resources/words.bin")
        try Files.writeAtomically(Array("{}".utf8), to: source + "/conformance/acme.check.json")
        let template = Bench.template(["resources": [["name": "words", "file": "words.bin"]]])
        try Files.writeAtomically(template.canonicalBytes, to: source + "/acme.check.json")
        let elsewhere = bench.folder + "/template.json"
        try Files.writeAtomically(template.canonicalBytes, to: elsewhere)
        let before = try FolderTree.read(source, files: 100, bytes: 1 << 30).map(\.path)
        try #require(symlink(source, bench.folder + "/link") == 0)
        for (template, out) in [
            (source + "/acme.check.json", source), (source + "/acme.check.json", source + "/"),
            (source + "/acme.check.json", bench.folder + "/link"), (elsewhere, source),
        ] {
            let error = failure {
                _ = try Packer.pack(template: template, libraries: source, into: out, context: bench.context)
            }
            #expect(error?.detail == "usage" && error?.message.contains("left as it is") == true)
            #expect(try FolderTree.read(source, files: 100, bytes: 1 << 30).map(\.path) == before)
        }
    }

    @Test func `never replaces a file that it did not write, or a folder that it cannot read`() throws {
        let bench = try Bench()
        let out = Files.folder(of: try bench.package("out"))
        let changes: [(String, [UInt8])] = [
            ("acme.so", [1]), ("resources/mine.txt", [1]), ("conformance/mine.json", [1]), ("acme.check.json", [1]),
        ]
        for (path, bytes) in changes {
            let file = out + "/" + path
            let old = try? Files.read(file)
            try Files.makeFolder(Files.folder(of: file))
            try Files.writeAtomically(bytes, to: file)
            let error = failure { _ = try bench.package("out") }
            #expect(error?.detail == "usage", "\(path)")
            #expect(try Files.read(file) == bytes, "\(path)")
            if let old { try Files.writeAtomically(old, to: file) } else { unlink(file) }
        }
        _ = try bench.package("out")
        try Files.writeAtomically([1], to: bench.folder + "/file")
        let error = failure { _ = try bench.package("file") }
        #expect(error?.detail == "usage" && error?.message.contains("cannot be read") == true)
        #expect(try Files.read(bench.folder + "/file") == [1])
    }
}
