// What the clocks of the agency show at a moment, whatever zone the device believes it is in.

export function shownAt(form, moment) {
  const format = new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", {
    timeZone: form.dataset.zone,
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const said = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  return { day: `${said.year}-${said.month}-${said.day}`, time: `${said.hour}:${said.minute}` };
}
