import Foundations
import Testing

@testable import PluginHost

@Suite struct `What a library says of itself` {
    /// Compiles a library of a workshop; its bytes.
    private func library(_ workshop: Workshop, _ text: String, _ link: String = "") throws -> [UInt8] {
        let path = workshop.folder + "/facts"
        try Files.writeAtomically(Array(text.utf8), to: path + ".c")
        try run("gcc -shared -fPIC -o \(path).so \(path).c \(link)")
        return try Files.read(path + ".so")
    }

    @Test func `are its exports, its needs, its search paths and its stack`() throws {
        let workshop = try Workshop()
        let text = """
            #include <stdio.h>
            extern int sluice_no_such_function(void);
            __attribute__((weak)) extern int sluice_weak(void);
            __attribute__((visibility("hidden"))) int hidden(void) { return 1; }
            static int local(void) { return hidden(); }
            int shown(void) { return puts("a") + sluice_no_such_function() + (sluice_weak ? sluice_weak() : local()); }
            int data = 3;
            """
        let bytes = try library(workshop, text, "-Wl,-rpath,/opt/x:'$ORIGIN' -Wl,--enable-new-dtags")
        let facts = try LibraryFacts(bytes, name: "facts.so")
        #expect(facts.exported == ["data", "shown"])
        let strong = facts.undefined.filter { !$0.isWeak }.map(\.name)
        #expect(strong.contains("sluice_no_such_function") && strong.contains("puts"))
        #expect(facts.undefined.contains(.init(name: "sluice_weak", isWeak: true)))
        #expect(facts.runPath == ["/opt/x", "$ORIGIN"] && facts.rPath == [] && !facts.hasExecutableStack)
        #expect(facts.needed.contains("libc.so.6"))
        #expect(facts.neededVersions.contains { $0.library == "libc.so.6" && $0.version.hasPrefix("GLIBC_2.") })
        let old = try LibraryFacts(
            try library(workshop, text, "-Wl,-rpath,/opt/x -Wl,--disable-new-dtags -Wl,-z,execstack"), name: "old.so")
        #expect(old.rPath == ["/opt/x"] && old.runPath == [] && old.hasExecutableStack)
        #expect(LibraryFacts.machine(of: bytes) == ELFImage.hostMachine)
        #expect(LibraryFacts.machine(of: Array("#!/bin/sh, and more".utf8)) == nil)
    }

    @Test(arguments: ["sysv", "gnu", "both"])
    func `are the same by either hash table`(_ style: String) throws {
        let workshop = try Workshop()
        let facts = try LibraryFacts(
            try library(
                workshop, "extern int other(void); int a(void) { return other(); } int b(void) { return a(); }",
                "-Wl,--hash-style=\(style)"), name: "a.so")
        #expect(facts.exported == ["a", "b"] && facts.undefined.contains { $0.name == "other" })
    }

    @Test func `of the C library has what a plugin needs of it`() throws {
        let workshop = try Workshop()
        let plugin = try workshop.plugin("good_check")
        let image = try Files.read(workshop.folder + "/good_check.so")
        let libraries = try plugin.libraries(of: image)
        let libc = try #require(libraries.first { $0.name == "libc.so.6" })
        let facts = try LibraryFacts(libc)
        #expect(facts.exported.contains("malloc") && facts.definedVersions.contains("GLIBC_2.2.5"))
        let own = try LibraryFacts(image, name: "good_check.so")
        var there: Set<String> = []
        for library in libraries { there.formUnion(try LibraryFacts(library).exported) }
        #expect(own.undefined.filter { !$0.isWeak && !there.contains($0.name) } == [])
        let needed = own.neededVersions.filter {
            $0.library == "libc.so.6" && !facts.definedVersions.contains($0.version)
        }
        #expect(needed == [])
    }

    @Test func `that are mutated or cut crash nothing`() throws {
        let workshop = try Workshop()
        let good = try library(
            workshop, "#include <stdio.h>\nint a(void) { return puts(\"a\"); }",
            "-Wl,-rpath,/opt/x -Wl,--hash-style=both")
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(state: seed)
        var read = 0
        for round in 0..<4000 {
            var bytes = good
            for _ in 0...Int.random(in: 0..<8, using: &random) {
                // Mostly where the tables are: the headers, and the dynamic part behind them.
                let within = round.isMultiple(of: 3) ? bytes.count : min(bytes.count, 4096)
                bytes[Int.random(in: 0..<within, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round.isMultiple(of: 5) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            do throws(SluiceError) {
                _ = try LibraryFacts(bytes, name: "mutated")
                read += 1
            } catch { #expect(error.detail == "plugin.library_file", "seed \(seed)") }
        }
        #expect(read > 0 && read < 4000, "seed \(seed)")
    }
}
