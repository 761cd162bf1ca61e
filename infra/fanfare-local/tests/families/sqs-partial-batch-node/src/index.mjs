const recordHandler = async (record) => {
  if (!JSON.parse(record.body).ok) throw new Error("not ok");
};

export const handler = async (event) => {
  const outcomes = await Promise.allSettled(event.Records.map(recordHandler));
  const failed = event.Records.filter((_, index) => outcomes[index].status === "rejected");
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
};
