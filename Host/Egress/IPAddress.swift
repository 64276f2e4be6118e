internal import Glibc

/// An address that a name resolved to, and what kind of network it lies in.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]

    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The usual text of an address, such as `192.0.2.1` or `2001:db8::1`, or nil.
    public init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            bytes = withUnsafeBytes(of: &v6) { Array($0) }
        } else {
            return nil
        }
    }

    /// The address in a socket address; nil for another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
        default: return nil
        }
    }

    /// The port in a socket address; nil for another family.
    static func port(of address: UnsafePointer<sockaddr>) -> Int? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int(UInt16(bigEndian: $0.pointee.sin_port)) }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                Int(UInt16(bigEndian: $0.pointee.sin6_port))
            }
        default: nil
        }
    }

    /// The networks that matter here (IANA special-purpose registries; RFC 6890).
    public enum Reach: Sendable, Equatable {
        /// The public network.
        case global
        /// This machine, or a private network: loopback, RFC 1918, RFC 4193, shared space of RFC 6598.
        case local
        /// Nothing that a provider can be at: link-local (where clouds keep their credentials), multicast,
        /// unspecified, documentation, reserved, and tunnels whose other end cannot be seen.
        case never
    }

    public var reach: Reach { bytes.count == 4 ? Self.reach4(bytes) : reach6 }

    private static func reach4(_ b: some RandomAccessCollection<UInt8>) -> Reach {
        let a = Array(b)
        switch (a[0], a[1], a[2]) {
        case (10, _, _), (127, _, _), (192, 168, _), (172, 16...31, _), (100, 64...127, _): return .local
        case (0, _, _), (169, 254, _), (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 18...19, _), (198, 51, 100),
            (203, 0, 113), (224..., _, _):
            return .never
        default: return .global
        }
    }

    private var reach6: Reach {
        let zeros = bytes.prefix(while: { $0 == 0 }).count
        // ::1, and ::ffff:a.b.c.d, which the kernel turns into the IPv4 address that it holds.
        if zeros == 15, bytes[15] == 1 { return .local }
        if zeros == 10, bytes[10] == 0xFF, bytes[11] == 0xFF { return Self.reach4(bytes[12...]) }
        if zeros >= 12 { return .never }
        // NAT64 and 6to4 lead to the IPv4 address inside; only a public one may be led to.
        if starts([0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) { return throughTunnel(bytes[12...]) }
        if starts([0x20, 0x02]) { return throughTunnel(bytes[2..<6]) }
        if bytes[0] & 0xFE == 0xFC { return .local }
        guard bytes[0] & 0xE0 == 0x20 else { return .never }
        // 2001::/23 holds Teredo, benchmarking and identifiers; then the two blocks for documentation.
        if starts([0x20, 0x01]), bytes[2] < 2 { return .never }
        if starts([0x20, 0x01, 0x0D, 0xB8]) || (starts([0x3F, 0xFF]) && bytes[2] < 0x10) { return .never }
        return .global
    }

    private func throughTunnel(_ inner: ArraySlice<UInt8>) -> Reach {
        Self.reach4(inner) == .global ? .global : .never
    }

    private func starts(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        // The buffer holds the longest text of either family, so this cannot fail.
        _ = inet_ntop(family, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// As libcurl's options write it: an IPv6 address in brackets.
    var inURL: String { bytes.count == 4 ? description : "[\(description)]" }
}
