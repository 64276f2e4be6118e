import Foundations
import Glibc
import Testing

@testable import PluginHost

@Suite(.serialized)
struct `The libraries of a plugin` {
    let workshop: Workshop

    init() throws { workshop = try Workshop(runner: "/bin/true") }

    private func closure(_ plugin: InstalledPlugin, installation: [String] = []) throws -> LibraryClosure {
        let image = try Files.read(plugin.folder + "/" + plugin.manifest.artifact().file)
        return try LibraryClosure.resolve(
            plugin, image: image, search: LibrarySearch(installation: installation.map { workshop.folder + "/" + $0 }))
    }

    private func beside(_ names: String...) -> String {
        "-Wl,--no-as-needed -Wl,-rpath,'$ORIGIN' -L\(workshop.folder) "
            + names.map { "-l" + $0 }.joined(separator: " ")
    }

    @Test func `are found as the loader finds them, each with its digest`() throws {
        let found = try closure(try workshop.plugin("good_check")).libraries
        #expect(found.map(\.name).contains("libc.so.6"))
        #expect(found.allSatisfy { $0.path.hasSuffix("/" + $0.name) })
        for library in found {
            let bytes = try Files.read(library.path)
            #expect(library.sha256 == SHA256.hash(bytes), "\(library.path)")
        }
        // The interpreter is one that libc itself needs.
        #expect(found.contains { $0.name.hasPrefix("ld-") })
    }

    @Test func `beside the plugin are found through others too`() throws {
        try workshop.library("second")
        try workshop.library("first", link: "-Wl,-rpath,'$ORIGIN' -L\(workshop.folder) -lsecond")
        let plugin = try workshop.plugin("good_check", link: beside("first") + " -Wl,-rpath-link,\(workshop.folder)")
        let found = try closure(plugin).libraries
        #expect(Array(found.map(\.name).prefix(1)) == ["libfirst.so"])
        #expect(found.map(\.path).contains(workshop.folder + "/libsecond.so"))
    }

    @Test func `are handed to the runner each behind those that it needs`() throws {
        try workshop.library("third")
        try workshop.library("second", link: "-Wl,--no-as-needed -L\(workshop.folder) -lthird")
        // A third that needs the second, which needs it: a circle, as some machines have them.
        try workshop.library("third", link: "-Wl,--no-as-needed -L\(workshop.folder) -lsecond")
        try workshop.library("first", link: "-Wl,--no-as-needed -L\(workshop.folder) -lsecond")
        let plugin = try workshop.plugin(
            "good_check", link: beside("first", "third") + " -Wl,-rpath-link,\(workshop.folder)")
        let search = LibrarySearch(installation: [workshop.folder])
        let image = try Files.read(workshop.folder + "/good_check.so")
        let found = try LibraryClosure.resolve(plugin, image: image, search: search)
        let own = ["libfirst.so", "libsecond.so", "libthird.so"]
        #expect(found.libraries.map(\.name).filter(own.contains) == ["libfirst.so", "libthird.so", "libsecond.so"])
        let order = found.dependenciesFirst.map(\.name)
        #expect(order.filter(own.contains) == ["libthird.so", "libsecond.so", "libfirst.so"])
        #expect(Set(found.dependenciesFirst) == Set(found.libraries) && order.count == found.libraries.count)
        #expect(order.firstIndex { $0.hasPrefix("ld-") } ?? .max < order.firstIndex(of: "libc.so.6") ?? .min)
    }

    @Test func `that are missing are named, with who needs them and what to install`() throws {
        try run("gcc -shared -fPIC -Wl,-soname,libpq.so.5 -o \(workshop.folder)/libpqtest.so -x c /dev/null")
        let plugin = try workshop.plugin("good_check", link: beside("pqtest"))
        unlink(workshop.folder + "/libpqtest.so")
        let search = LibrarySearch(installation: [], system: ["/nowhere"])
        let image = try Files.read(workshop.folder + "/good_check.so")
        let error = failure { _ = try LibraryClosure.resolve(plugin, image: image, search: search) }
        #expect(error?.detail == "plugin.library")
        #expect(error?.message.contains("the plugin needs the library libpq.so.5") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("/nowhere") == true)
        #expect(error?.hint.contains("libpq5") == true)
    }

    @Test func `in a folder that only the plugin names are not taken`() throws {
        // Else its author chooses which of the user's files it is handed.
        let elsewhere = try Workshop(runner: "/bin/true")
        try elsewhere.library("stray")
        let plugin = try workshop.plugin(
            "good_check",
            link: "-Wl,--no-as-needed -Wl,-rpath,\(elsewhere.folder) -L\(elsewhere.folder) -lstray")
        #expect(failure { _ = try closure(plugin) }?.message.contains("libstray.so") == true)
        // The folder is the installation's: now it may be.
        let image = try Files.read(workshop.folder + "/good_check.so")
        let trusting = LibrarySearch(installation: [elsewhere.folder])
        let found = try LibraryClosure.resolve(plugin, image: image, search: trusting).libraries
        #expect(found.first?.path == elsewhere.folder + "/libstray.so")
    }

    @Test func `of two Swift run times are refused by name`() throws {
        try workshop.library("swiftCore", in: "a")
        try workshop.library("swift_Concurrency", in: "b")
        try workshop.library("inner", link: "-L\(workshop.folder)/b -lswift_Concurrency")
        let plugin = try workshop.plugin(
            "good_check",
            link: "-Wl,--no-as-needed -L\(workshop.folder)/a -lswiftCore " + beside("inner")
                + " -Wl,-rpath-link,\(workshop.folder)/b")
        let error = failure { _ = try closure(plugin, installation: ["a", "b"]) }
        #expect(error?.detail == "plugin.library")
        #expect(error?.message.contains("two Swift run times") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("/a/libswiftCore.so and ") == true)
        #expect(error?.message.contains("/b/libswift_Concurrency.so") == true)
        try workshop.library("swift_Concurrency", in: "a")
        #expect(try closure(plugin, installation: ["a", "b"]).libraries.count >= 4, "one run time is none too many")
    }

    @Test func `of another machine are passed over, and broken ones are named`() throws {
        try workshop.library("odd", in: "a")
        try workshop.library("odd", in: "b")
        let plugin = try workshop.plugin(
            "good_check", link: "-Wl,--no-as-needed -L\(workshop.folder)/a -lodd")
        let path = workshop.folder + "/a/libodd.so"
        var bytes = try Files.read(path)
        bytes[18] = 8  // MIPS
        try Files.writeAtomically(bytes, to: path)
        #expect(
            try closure(plugin, installation: ["a", "b"]).libraries.first?.path == workshop.folder + "/b/libodd.so")
        try Files.writeAtomically(Array("no library".utf8), to: path)
        let error = failure { _ = try closure(plugin, installation: ["a", "b"]) }
        #expect(error?.message.contains("/a/libodd.so cannot be used: it is no ELF file") == true)
    }

    @Test func `must stay what they were in this process`() throws {
        try workshop.library("steady")
        let plugin = try workshop.plugin("good_check", link: beside("steady"))
        let first = try #require(try closure(plugin).libraries.first)
        #expect(first.sha256 != nil)
        try run("cp \(first.path) \(first.path).new && mv \(first.path).new \(first.path)")
        #expect(try closure(plugin).libraries.first?.identity != first.identity, "the same bytes are the same library")
        try workshop.library("steady", text: "2")
        let error = failure { _ = try closure(plugin) }
        #expect(error?.detail == "plugin.library")
        #expect(error?.message.contains("libsteady.so has other bytes") == true, "\(error?.message ?? "")")
    }

    @Test func `named by path are refused`() throws {
        try run("gcc -shared -fPIC -o \(workshop.folder)/unnamed.so -x c /dev/null")
        let plugin = try workshop.plugin("good_check", link: "-Wl,--no-as-needed \(workshop.folder)/unnamed.so")
        #expect(failure { _ = try closure(plugin) }?.message.contains("by its path") == true)
    }

    @Test func `are read from bytes that lie without a crash`() throws {
        _ = try workshop.plugin("good_check")
        let good = try Files.read(workshop.folder + "/good_check.so")
        let seed = Context.system.environment["SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
        var source = Seeded(state: seed)
        let whole = try ELFImage(good)
        #expect(whole.needed == ["libc.so.6"])
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = good
            // The header, the program headers and the dynamic section are where lies are told.
            for _ in 0..<Int.random(in: 1...6, using: &source) {
                let range = Bool.random(using: &source) ? 0..<700 : 0..<bytes.count
                bytes[Int.random(in: range, using: &source)] = UInt8.random(in: 0...255, using: &source)
            }
            if Int.random(in: 0..<8, using: &source) == 0 {
                bytes.removeLast(Int.random(in: 0...bytes.count, using: &source))
            }
            if (try? ELFImage(bytes)) == nil { refused += 1 }
        }
        #expect(refused > 1000, "SEED=\(seed): only \(refused) of 20,000 were found to be broken")
    }

    @Test func `are looked for where the loader's configuration says`() throws {
        let folder = workshop.folder + "/conf.d"
        try Files.makeFolder(folder)
        try Files.writeAtomically(Array("/a # comment\n\n  /b\trest\nrelative\n".utf8), to: folder + "/one.conf")
        try Files.writeAtomically(Array("/c=libc6\ninclude \(workshop.folder)/main\n".utf8), to: folder + "/two.conf")
        // It includes itself: the depth is bounded.
        try Files.writeAtomically(Array("include conf.d/*.conf\n/last\n".utf8), to: workshop.folder + "/main")
        let found = LibrarySearch.configured(workshop.folder + "/main", depth: 6)
        #expect(found == ["/a", "/b", "/c", "/last"])
        #expect(LibrarySearch.machineFolders.contains { Files.exists($0 + "/libc.so.6") })
    }
}
