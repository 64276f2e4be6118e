internal import Contracts
internal import Egress

/// Reads the `egress` of a provider's manifest (docs/egress.md).
enum ManifestEgress {
    static let methods = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]
    /// An answer travels to its plugin in one frame, beside its head.
    static let maximumBytes = 256 << 20

    static func endpoints(_ node: ManifestNode, kind: PluginManifest.Kind) -> [EgressEndpoint] {
        let elements = node.elements(0...64)
        if kind != .provider, !elements.isEmpty { node.mistake("must be empty: a \(kind.rawValue) has no egress") }
        let endpoints = elements.map(endpoint)
        node.unique(endpoints.map(\.name), key: "name")
        return endpoints
    }

    private static func endpoint(_ node: ManifestNode) -> EgressEndpoint {
        node.keys(
            ["host", "port", "methods", "max_bytes"],
            optional: ["name", "scheme", "path_prefix", "local", "auth", "configurable"])
        let host = node["host"].matching("a host name") { Origin.isHost($0) }
        let scheme = node.present("scheme").map { $0.choice(["http", "https"]) ?? "" }
        let origin = Origin(
            scheme: scheme == "http" ? .http : .https, host: host, port: node["port"].int(1...65535))
        let isLocal = node.present("local")?.bool() ?? false
        if origin.scheme == .http, !isLocal {
            node["scheme"].mistake("must be https, or `local` must be true: http is for hosts of a private network")
        }
        let listed = node["methods"].elements(1...8).map { $0.choice(methods) ?? "" }
        node["methods"].unique(listed, key: nil)
        let prefix = node.present("path_prefix")?.matching("a path that begins with '/'") { isPath($0) }
        return EgressEndpoint(
            name: node.present("name")?.matching("a name of a-z, 0-9, '.', '_' and '-'", PluginManifest.isIdentifier)
                ?? host,
            origin: origin, methods: listed, pathPrefix: prefix ?? "/",
            maximumBytes: node["max_bytes"].int(1...maximumBytes), isLocal: isLocal,
            authentication: node.present("auth").map(authentication),
            isConfigurable: node.present("configurable")?.bool() ?? false)
    }

    private static func authentication(_ node: ManifestNode) -> EgressEndpoint.Authentication {
        node.keys(["header", "secret"], optional: ["scheme", "optional"])
        let token = "abcdefghijklmnopqrstuvwxyz0123456789-_"
        let header = node["header"].matching("the name of a header in lower case that is not the connection's") {
            PluginManifest.only($0, 1...64, token) && EgressRequest.mayCarrySecret($0)
        }
        let scheme = node.present("scheme")?.matching("one word such as Bearer") {
            PluginManifest.only($0.lowercased(), 1...32, token)
        }
        let secret = node["secret"].matching("secret:NAME") {
            $0.hasPrefix("secret:") && PluginManifest.isIdentifier(String($0.dropFirst(7)))
        }
        return EgressEndpoint.Authentication(
            header: header, scheme: scheme, secret: String(secret.dropFirst(7)),
            isOptional: node.present("optional")?.bool() ?? false)
    }

    private static func isPath(_ text: String) -> Bool {
        guard text.hasPrefix("/"), text.utf8.count <= 512 else { return false }
        let alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:@!$&'()*+,;="
        return PluginManifest.only(text, 1...512, alphabet) && !text.contains("//")
            && !text.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}
