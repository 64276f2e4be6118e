// Links libm, which the compiler calls for square roots.
import Glibc
import LocalCore
import SluiceABI

/// The words that name this plugin and its model to the host.
enum Names {
    static let id: StaticString = "sluice.provider.local"
    static let version: StaticString = "0.1.0"
    static let model = "wordllama-l2-256"
}

/// Why a call failed, as the ABI says it: a code of the taxonomy and a message without any of the texts.
struct CallFailure: Error {
    var code: sluice_status
    var message: String

    init(_ code: sluice_status, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: ModelError) {
        self.init(SLUICE_DETERMINISTIC_FAILURE, error.description)
    }
}

/// One instance of the provider. Calls are serial, as the ABI promises, so there is no lock.
final class Provider {
    private let host: HostServices
    private var embedder: Embedder

    /// Opens the model that the host has mapped for this plugin.
    init(host: HostServices) throws(CallFailure) {
        self.host = host
        let bytes = try host.resource(Names.model)
        do throws(ModelError) {
            // The host has verified the file's SHA-256 and keeps it mapped until the process ends.
            embedder = Embedder(try EmbeddingModel(bytes: bytes, verification: .tables))
        } catch {
            throw CallFailure(SLUICE_PROVIDER_UNHEALTHY, error.description)
        }
    }

    var dimensions: Int { embedder.dimensions }

    /// Embeds a text of its own and answers with the models, or throws when the vector is not of length 1.
    func health() throws(CallFailure) -> String {
        let vector: [Float]
        do throws(ModelError) {
            vector = try embedder.embed(["first name"])
        } catch {
            throw CallFailure(error)
        }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0.999, length < 1.001 else {
            throw CallFailure(SLUICE_PROVIDER_UNHEALTHY, "the model gives no usable vector; install its resource again")
        }
        return #"{"healthy":true,"models":[{"id":"\#(Names.model)","dimensions":\#(dimensions)}]}"#
    }

    /// The exact number of tokens of a text.
    func tokens(model: String, text: String) throws(CallFailure) -> UInt64 {
        try Self.check(model: model)
        do throws(ModelError) {
            return UInt64(try embedder.tokenCount(of: text))
        } catch {
            throw CallFailure(error)
        }
    }

    /// The vectors of a request's texts, in memory that the caller frees; nil memory for no texts.
    func embed(
        json: UnsafeBufferPointer<UInt8>
    ) throws(CallFailure) -> (rows: Int, data: UnsafeMutableBufferPointer<Float>?) {
        let request: EmbedRequest
        do throws(EmbedRequest.Failure) {
            request = try EmbedRequest(json: json)
        } catch {
            throw CallFailure(SLUICE_DETERMINISTIC_FAILURE, error.description)
        }
        try Self.check(model: request.model ?? "")
        if request.texts.isEmpty { return (0, nil) }
        let data = UnsafeMutableBufferPointer<Float>.allocate(capacity: request.texts.count * dimensions)
        do throws(CallFailure) {
            for (row, text) in request.texts.enumerated() {
                if row % 64 == 0 { try host.checkTime() }
                try embed(text, row: row, of: data)
            }
        } catch {
            data.deallocate()
            throw error
        }
        return (request.texts.count, data)
    }

    private func embed(_ text: String, row: Int, of data: UnsafeMutableBufferPointer<Float>) throws(CallFailure) {
        let range = (row * dimensions)..<((row + 1) * dimensions)
        do throws(ModelError) {
            try embedder.embed(text, into: UnsafeMutableBufferPointer(rebasing: data[range]))
        } catch {
            throw CallFailure(error)
        }
    }

    private static func check(model: String) throws(CallFailure) {
        guard model.isEmpty || model == Names.model else {
            throw CallFailure(
                SLUICE_DETERMINISTIC_FAILURE,
                "the local provider has the model \(Names.model) alone; ask for that or none")
        }
    }
}

/// The host's services for one instance.
struct HostServices {
    private let table: UnsafePointer<sluice_host>
    private let context: sluice_handle

    /// `table` lives until the process ends and is at least of the first version's size.
    init(table: UnsafePointer<sluice_host>, context: sluice_handle) {
        self.table = table
        self.context = context
    }

    /// A data file of the manifest, mapped read-only until the process ends.
    func resource(_ name: String) throws(CallFailure) -> UnsafeRawBufferPointer {
        guard let resource = table.pointee.resource else {
            throw CallFailure(SLUICE_PROVIDER_UNHEALTHY, "the host offers no resources; use a host of ABI 0.1 or later")
        }
        var bytes = sluice_bytes()
        var error = sluice_error()
        error.struct_size = UInt32(MemoryLayout<sluice_error>.size)
        var name = name
        let status = name.withUTF8 { name in
            name.withMemoryRebound(to: CChar.self) { name in
                resource(context, sluice_str(data: name.baseAddress, size: UInt64(name.count)), &bytes, &error)
            }
        }
        if let release = error.release { release(&error) }
        guard status == SLUICE_OK, let base = bytes.data, let size = Int(exactly: bytes.size) else {
            throw CallFailure(
                SLUICE_PROVIDER_UNHEALTHY,
                "the host has no resource \(Names.model); install the plugin with its resource")
        }
        return UnsafeRawBufferPointer(start: base, count: size)
    }

    /// Throws once the running call was cancelled or its deadline has passed.
    func checkTime() throws(CallFailure) {
        if let cancelled = table.pointee.cancelled, cancelled(context) != 0 {
            throw CallFailure(SLUICE_TIMEOUT, "the call was cancelled")
        }
        if let deadline = table.pointee.deadline, deadline(context) <= 0 {
            throw CallFailure(
                SLUICE_TIMEOUT, "the deadline passed before all texts were embedded; send fewer at a time")
        }
    }
}
