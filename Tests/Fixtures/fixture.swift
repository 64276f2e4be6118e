// What every provider in Swift would otherwise repeat: an owned answer, and the table. Compiled together with the file of
// one fixture, which has `fixtureID`, `describe` and `estimate`.
import SluiceABI

private func release(_ text: UnsafeMutablePointer<sluice_text>?) {
    text?.pointee.private_data?.deallocate()
    text?.pointee.release = nil
}

func answer(_ value: String, _ out: UnsafeMutablePointer<sluice_text>?) -> sluice_status {
    let bytes = Array(value.utf8)
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { memory[index] = CChar(bitPattern: byte) }
    out?.pointee.data = UnsafePointer(memory)
    out?.pointee.size = UInt64(bytes.count)
    out?.pointee.private_data = UnsafeMutableRawPointer(memory)
    out?.pointee.release = { release($0) }
    return 0
}

private func constant(_ text: StaticString) -> sluice_str {
    let start = UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    return sluice_str(data: start, size: UInt64(text.utf8CodeUnitCount))
}

nonisolated(unsafe) private let ops: UnsafeMutablePointer<sluice_provider_ops> = {
    let ops = UnsafeMutablePointer<sluice_provider_ops>.allocate(capacity: 1)
    ops.initialize(to: sluice_provider_ops())
    ops.pointee.struct_size = UInt32(MemoryLayout<sluice_provider_ops>.size)
    ops.pointee.token_estimate = { _, _, text, tokens, _ in
        tokens?.pointee = estimate(text.size)
        return 0
    }
    return ops
}()
nonisolated(unsafe) private let table: UnsafeMutablePointer<sluice_plugin> = {
    let table = UnsafeMutablePointer<sluice_plugin>.allocate(capacity: 1)
    table.initialize(to: sluice_plugin())
    table.pointee.struct_size = UInt32(MemoryLayout<sluice_plugin>.size)
    table.pointee.abi_minor = 1
    table.pointee.kind = 1
    table.pointee.id = constant(fixtureID)
    table.pointee.version = constant("1.0.0")
    table.pointee.describe = { out, _ in describe(out) }
    table.pointee.create = { _, _, out, _ in
        out?.pointee = OpaquePointer(UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8))
        return 0
    }
    table.pointee.destroy = { _ in }
    table.pointee.cancel = { _ in }
    table.pointee.ops = UnsafeRawPointer(ops)
    return table
}()

@c(sluice_plugin_entry)
public func sluicePluginEntry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    UnsafePointer(table)
}
