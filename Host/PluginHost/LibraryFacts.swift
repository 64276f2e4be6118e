public import Foundations
internal import Glibc

/// What a shared library says of itself: what it exports and needs, where it looks, and what its stack may do.
///
/// Read from its bytes; nothing is mapped or run. Source: System V gABI chapters 4 and 5, GNU hash and symbol versions
/// (LSB Core 5.0, chapter 10). Every offset is checked against the file, so hostile bytes end in an error.
public struct LibraryFacts: Sendable, Equatable {
    /// A symbol that somebody else must have.
    public struct Undefined: Sendable, Equatable {
        public let name: String
        /// May stay without a value.
        public let isWeak: Bool
    }

    /// A version that a library must have, such as GLIBC_2.34 of libc.so.6.
    public struct NeededVersion: Sendable, Hashable {
        public let library: String
        public let version: String
    }

    public let soname: String?
    public let needed: [String]
    /// Entries of DT_RPATH and DT_RUNPATH, as written.
    public let rPath: [String]
    public let runPath: [String]
    /// Dynamic symbols that others see, sorted, each once.
    public let exported: [String]
    public let undefined: [Undefined]
    public let neededVersions: [NeededVersion]
    /// Of its own symbols.
    public let definedVersions: [String]
    /// PT_GNU_STACK asks for a stack that can be executed, or is not there, which asks for the same.
    public let hasExecutableStack: Bool

    /// - Throws: `plugin.library_file` for bytes that are no shared library of this machine.
    public init(_ image: [UInt8], name: String) throws(SluiceError) {
        do throws(ELFImage.Fault) {
            try self.init(
                ELFImage.Window(size: image.count) { offset, count in Array(image[offset..<offset + count]) })
        } catch {
            throw SluiceError(.pluginLibraryFile, "\(name) is no library that can be loaded: \(error.text).")
        }
    }

    /// From a library that was found for a plugin.
    public init(_ library: PinnedLibrary) throws(SluiceError) {
        let number = open(library.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        defer { if number >= 0 { close(number) } }
        var information = stat()
        guard number >= 0, fstat(number, &information) == 0, FileIdentity(information) == library.identity else {
            throw SluiceError(.pluginLibrary, "The library \(library.path) changed while it was read.")
        }
        do throws(ELFImage.Fault) {
            try self.init(
                ELFImage.Window(size: Int(information.st_size)) { offset, count in
                    var bytes = [UInt8](repeating: 0, count: count)
                    let got = Files.retrying { pread(number, &bytes, count, off_t(offset)) }
                    return got == count ? bytes : nil
                })
        } catch { throw SluiceError(.pluginLibrary, "The library \(library.path) cannot be used: \(error.text).") }
    }

    /// Why bytes are no shared library of this machine; nil when they are one.
    public static func fault(_ image: [UInt8]) -> String? {
        do throws(ELFImage.Fault) {
            _ = try ELFImage(image)
            return nil
        } catch { return error.text }
    }

    /// The machine that an ELF file is for, as ELF counts them (62 for x86-64, 183 for AArch64); nil for another file.
    public static func machine(of image: [UInt8]) -> UInt16? {
        guard image.count >= 20, Array(image[0..<4]) == [0x7F, 0x45, 0x4C, 0x46] else { return nil }
        return UInt16(image[18]) | UInt16(image[19]) << 8
    }

    init(_ file: ELFImage.Window) throws(ELFImage.Fault) {
        let header = try ELFImage.header(file)
        let segments = try ELFImage.segments(file, header)
        let dynamic = try ELFImage.dynamic(file, segments)
        let strings = try ELFImage.strings(file, segments, dynamic)
        func texts(_ tag: UInt64) throws(ELFImage.Fault) -> [String] {
            var found: [String] = []
            for entry in dynamic where entry.tag == tag { found.append(try strings.text(at: entry.value)) }
            return found
        }
        needed = try texts(1)
        soname = try texts(14).first
        rPath = try texts(15).flatMap { $0.split(separator: ":").map(String.init) }
        runPath = try texts(29).flatMap { $0.split(separator: ":").map(String.init) }
        // PF_X
        hasExecutableStack = segments.first { $0.type == 0x6474_E551 }.map { $0.flags & 1 != 0 } ?? true
        let tables = SymbolTables(file: file, segments: segments, dynamic: dynamic, strings: strings)
        let symbols = try tables.symbols()
        exported = Set(symbols.compactMap(\.exportedName)).sorted()
        var seen: Set<String> = []
        undefined = symbols.filter { $0.isUndefined && seen.insert($0.name).inserted }
            .map { Undefined(name: $0.name, isWeak: $0.bind == 2) }
        neededVersions = try tables.neededVersions()
        definedVersions = try tables.definedVersions()
    }
}

/// The tables behind the dynamic section.
struct SymbolTables {
    struct Symbol {
        let name: String
        let bind: UInt8
        let visibility: UInt8
        let section: UInt64
        let value: UInt64

        private static let absolute: UInt64 = 0xFFF1

        /// Global or weak, and defined elsewhere.
        var isUndefined: Bool { section == 0 && (bind == 1 || bind == 2) && !name.isEmpty }

        /// What others see; the names of versions stand there as absolute symbols of no value.
        var exportedName: String? {
            let isSeen = (bind == 1 || bind == 2 || bind == 10) && (visibility == 0 || visibility == 3)
            return section != 0 && isSeen && !(section == Self.absolute && value == 0) && !name.isEmpty ? name : nil
        }
    }

    let file: ELFImage.Window
    let segments: [ELFImage.Segment]
    let dynamic: [ELFImage.Entry]
    let strings: ELFImage.Strings

    private static let mostSymbols: UInt64 = 1_000_000
    private static let mostVersions = 65_536
    /// Bytes of one name, and of all names of a table: many entries may name one long text.
    private static let longestName = 4096
    private static let mostNameBytes = 64 << 20

    private static func spend(_ count: Int, of left: inout Int) throws(ELFImage.Fault) {
        left -= count
        guard left >= 0 else { throw .malformed("its names are longer than 64 MiB together") }
    }

    private func value(_ tag: UInt64) -> UInt64? { dynamic.first { $0.tag == tag }?.value }

    private func bytes(at address: UInt64, _ count: UInt64) -> [UInt8]? {
        ELFImage.place(address, count, segments, file).flatMap { file.bytes($0, count) }
    }

    private func number(at address: UInt64, _ count: Int) throws(ELFImage.Fault) -> UInt64 {
        guard let bytes = bytes(at: address, UInt64(count)) else {
            throw .malformed("a table of symbols lies outside the file")
        }
        return ELFImage.number(bytes, 0, count)
    }

    func symbols() throws(ELFImage.Fault) -> [Symbol] {
        guard let table = value(6) else { return [] }
        let count = try count()
        guard count <= Self.mostSymbols, let bytes = bytes(at: table, count * 24),
            let names = file.bytes(strings.offset, strings.size)
        else { throw .malformed("its table of symbols lies outside the file") }
        var found: [Symbol] = []
        found.reserveCapacity(Int(count))
        var left = Self.mostNameBytes
        for index in 0..<Int(count) {
            let at = index * 24
            let start = Int(ELFImage.number(bytes, at, 4))
            guard start < names.count, let end = names[start...].prefix(Self.longestName).firstIndex(of: 0) else {
                throw .malformed("the name of a symbol lies outside its string table, or is longer than 4096 bytes")
            }
            try Self.spend(end - start, of: &left)
            found.append(
                Symbol(
                    name: String(decoding: names[start..<end], as: UTF8.self), bind: bytes[at + 4] >> 4,
                    visibility: bytes[at + 5] & 3, section: ELFImage.number(bytes, at + 6, 2),
                    value: ELFImage.number(bytes, at + 8, 8)))
        }
        return found
    }

    /// The dynamic section does not say how many there are; the hash tables do. Of two the loader reads one: whichever
    /// that is, no symbol of it is missed.
    private func count() throws(ELFImage.Fault) -> UInt64 {
        let old = try value(4).map { (hash) throws(ELFImage.Fault) in try number(at: add(hash, 4), 4) }
        let new = try value(0x6FFF_FEF5).map { (hash) throws(ELFImage.Fault) in try gnuCount(hash) }
        guard let count = [old, new].compactMap(\.self).max() else {
            throw .malformed("it has symbols and no hash table")
        }
        return count
    }

    private func gnuCount(_ hash: UInt64) throws(ELFImage.Fault) -> UInt64 {
        let buckets = try number(at: hash, 4)
        let first = try number(at: add(hash, 4), 4)
        let bloom = try number(at: add(hash, 8), 4)
        let start = try add(hash, 16 + bloom * 8)
        guard buckets <= Self.mostSymbols, let heads = bytes(at: start, buckets * 4) else {
            throw .malformed("its hash table lies outside the file")
        }
        let last = (0..<Int(buckets)).map { ELFImage.number(heads, $0 * 4, 4) }.max() ?? 0
        guard last >= first else { return first }
        var index = last
        while index < Self.mostSymbols {
            let link = try number(at: add(start, buckets * 4 + (index - first) * 4), 4)
            index += 1
            if link & 1 == 1 { return index }
        }
        throw .malformed("its hash table has no end")
    }

    private func add(_ address: UInt64, _ offset: UInt64) throws(ELFImage.Fault) -> UInt64 {
        let (sum, overflow) = address.addingReportingOverflow(offset)
        guard !overflow else { throw .malformed("an address lies outside the file") }
        return sum
    }

    func neededVersions() throws(ELFImage.Fault) -> [LibraryFacts.NeededVersion] {
        guard var at = value(0x6FFF_FFFE) else { return [] }
        var found: [LibraryFacts.NeededVersion] = []
        var left = Self.mostNameBytes
        var entries = 0
        for _ in 0..<min(value(0x6FFF_FFFF) ?? 0, 4096) {
            let library = try strings.text(at: try number(at: add(at, 4), 4))
            var place = try add(at, try number(at: add(at, 8), 4))
            for _ in 0..<(try number(at: add(at, 2), 2)) {
                entries += 1
                guard entries <= Self.mostVersions else { throw .malformed("it needs too many versions") }
                // VER_FLG_WEAK: one that may be missing.
                if try number(at: add(place, 4), 2) & 2 == 0 {
                    let version = try strings.text(at: try number(at: add(place, 8), 4))
                    try Self.spend(version.utf8.count, of: &left)
                    found.append(LibraryFacts.NeededVersion(library: library, version: version))
                }
                let next = try number(at: add(place, 12), 4)
                if next == 0 { break }
                place = try add(place, next)
            }
            let next = try number(at: add(at, 12), 4)
            if next == 0 { break }
            at = try add(at, next)
        }
        return found
    }

    func definedVersions() throws(ELFImage.Fault) -> [String] {
        guard var at = value(0x6FFF_FFFC) else { return [] }
        var found: [String] = []
        var left = Self.mostNameBytes
        for _ in 0..<min(value(0x6FFF_FFFD) ?? 0, 65_536) {
            // The first name of each is its own; further ones are those that it inherits from.
            let place = try add(at, try number(at: add(at, 12), 4))
            let name = try strings.text(at: try number(at: place, 4))
            try Self.spend(name.utf8.count, of: &left)
            found.append(name)
            let next = try number(at: add(at, 16), 4)
            if next == 0 { break }
            at = try add(at, next)
        }
        return found
    }
}
