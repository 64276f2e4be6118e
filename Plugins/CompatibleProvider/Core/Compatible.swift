/// The protocol of any server that speaks OpenAI's protocol.
public enum Compatible {}
