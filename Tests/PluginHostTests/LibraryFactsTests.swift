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

    // MARK: Libraries that lie

    /// Changes entries of a library's dynamic section or program headers.
    private func patched(_ bytes: [UInt8], _ change: (inout [UInt8], _ header: Int, _ dynamic: Int) -> Void) throws
        -> [UInt8]
    {
        var bytes = bytes
        let start = Int(ELFImage.number(bytes, 32, 8))
        let count = Int(ELFImage.number(bytes, 56, 2))
        let header = try #require((0..<count).map { start + $0 * 56 }.first { ELFImage.number(bytes, $0, 4) == 2 })
        change(&bytes, header, Int(ELFImage.number(bytes, header + 8, 8)))
        return bytes
    }

    private func put(_ value: UInt64, _ count: Int, into bytes: inout [UInt8], at: Int) {
        for index in 0..<count { bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
    }

    /// The words of the refusal; nil when the bytes are read.
    private func refusal(_ bytes: [UInt8]) -> String? {
        do throws(SluiceError) {
            _ = try LibraryFacts(bytes, name: "lies.so")
            return nil
        } catch { return error.message }
    }

    @Test(arguments: ["-Wl,-f,libm.so.6", "-Wl,-F,libm.so.6"])
    func `of another library is a filter, which the loader would load, and is refused`(_ link: String) throws {
        let workshop = try Workshop()
        let bytes = try library(workshop, "int a(void) { return 1; }", link)
        #expect(refusal(bytes)?.contains("filter") == true)
    }

    @Test func `twice, or elsewhere than the loader reads it, is refused`() throws {
        let workshop = try Workshop()
        let good = try library(workshop, "int a(void) { return 1; }")
        #expect(refusal(good) == nil)
        // A second string table in the place of DT_FINI; the loader would take whichever is last.
        let twice = try patched(good) { bytes, _, dynamic in
            var at = dynamic
            while ELFImage.number(bytes, at, 8) != 13 { at += 16 }
            put(5, 8, into: &bytes, at: at)
        }
        #expect(refusal(twice)?.contains("stands twice (tag 5)") == true)
        let moved = try patched(good) { bytes, header, dynamic in
            put(UInt64(dynamic) + 16, 8, into: &bytes, at: header + 8)
        }
        #expect(refusal(moved)?.contains("not where its address leads") == true)
        let endless = try patched(good) { bytes, header, dynamic in
            var entries = 0
            while ELFImage.number(bytes, dynamic + entries * 16, 8) != 0 { entries += 1 }
            put(UInt64(entries) * 16, 8, into: &bytes, at: header + 32)
        }
        #expect(refusal(endless)?.contains("has no end") == true)
        // The last segment that is loaded lies over the first.
        let start = Int(ELFImage.number(good, 32, 8))
        let loads = (0..<Int(ELFImage.number(good, 56, 2))).map { start + $0 * 56 }
            .filter { ELFImage.number(good, $0, 4) == 1 }
        var overlapping = good
        put(ELFImage.number(good, loads[1] + 16, 8) - 4096, 8, into: &overlapping, at: loads[1] + 16)
        #expect(refusal(overlapping)?.contains("overlap") == true)
    }

    @Test func `in one hash table hides nothing that is in the other`() throws {
        let workshop = try Workshop()
        let good = try library(
            workshop, "int a(void) { return 1; } int b(void) { return 2; }", "-Wl,--hash-style=both")
        let short = try patched(good) { bytes, _, dynamic in
            var at = dynamic
            while ELFImage.number(bytes, at, 8) != 4 { at += 16 }
            // The table lies in the first segment, where address and offset are the same.
            put(1, 4, into: &bytes, at: Int(ELFImage.number(bytes, at + 8, 8)) + 4)
        }
        #expect(short != good)
        #expect(try LibraryFacts(short, name: "short.so").exported == ["a", "b"])
    }

    /// Tables over bytes that all lie in one segment.
    private func tables(_ bytes: [UInt8], _ dynamic: [(UInt64, UInt64)], strings: Int) -> SymbolTables {
        let file = ELFImage.Window(size: bytes.count) { offset, count in Array(bytes[offset..<offset + count]) }
        let size = UInt64(bytes.count)
        return SymbolTables(
            file: file,
            segments: [ELFImage.Segment(type: 1, flags: 4, offset: 0, address: 0, size: size, memory: size)],
            dynamic: dynamic.map { ELFImage.Entry(tag: $0.0, value: $0.1) },
            strings: ELFImage.Strings(file: file, offset: UInt64(strings), size: size - UInt64(strings)))
    }

    private func fault<T>(_ body: () throws(ELFImage.Fault) -> T) -> String {
        do throws(ELFImage.Fault) {
            _ = try body()
            return "none"
        } catch { return error.text }
    }

    @Test(arguments: [(40_000, 4000, "64 MiB together"), (1, 5000, "longer than 4096 bytes"), (10, 4000, "none")])
    func `in many names of one long text takes no more memory than a bound`(
        _ symbols: Int, _ length: Int, _ words: String
    ) {
        // A hash table that gives the number, the symbols with st_name 1, and one name.
        var bytes: [UInt8] = [0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: symbols >> (8 * $0)) }
        for _ in 0..<symbols { bytes += [1] + [UInt8](repeating: 0, count: 23) }
        let strings = bytes.count
        bytes += [0] + [UInt8](repeating: 0x61, count: length) + [0]
        let tables = tables(bytes, [(4, 0), (6, 8)], strings: strings)
        let found = fault { () throws(ELFImage.Fault) in try tables.symbols() }
        #expect(found.contains(words), "\(found)")
    }

    @Test func `in versions that may be missing counts as the others do`() {
        // 4096 libraries that share one chain of 65,535 weak versions.
        var bytes: [UInt8] = []
        for index in 0..<4096 {
            let chain = (4096 - index) * 16
            bytes += [1, 0, 0xFF, 0xFF, 1, 0, 0, 0]
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: chain >> (8 * $0)) } + [16, 0, 0, 0]
        }
        for _ in 0..<65_535 { bytes += [0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0] }
        let strings = bytes.count
        bytes += [0, 0x61, 0]
        let tables = tables(bytes, [(0x6FFF_FFFE, 0), (0x6FFF_FFFF, 4096)], strings: strings)
        let found = fault { () throws(ELFImage.Fault) in try tables.neededVersions() }
        #expect(found.contains("too many versions"), "\(found)")
    }
}
